// What this device remembers of a reader's choices. A browser that forbids storage remembers nothing, and all else works.

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // forbidden or full: the choice lasts as long as the tab
  }
}

export function forget(key: string): void {
  try {
    localStorage.removeItem(key)
  } catch {
    // forbidden: there was nothing to forget
  }
}
