// The page document's types under short names. They are generated from the API's own description: npm run generate.

import type { components } from './schema'

type Schemas = components['schemas']

export type PageDocument = Schemas['PageDocument']
export type PageHead = Schemas['PageHead']
export type Headline = Schemas['Headline']
export type Group = Schemas['Group']
export type Item = Schemas['Item']
export type State = Schemas['State']
