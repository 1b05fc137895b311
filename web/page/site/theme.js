try{const t=localStorage.getItem('signalbox-theme');if(t==='light'||t==='dark')document.documentElement.dataset.theme=t}catch{}
