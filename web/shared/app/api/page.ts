// The page document's types under short names. They are generated from the API's own description: npm run generate.

import type { components } from './schema'

type Schemas = components['schemas']

export type PageDocument = Schemas['PageDocument']
export type PageHead = Schemas['PageHead']
export type Headline = Schemas['Headline']
export type Group = Schemas['Group']
export type Item = Schemas['Item']
export type State = Schemas['State']
export type Zoom = Schemas['Zoom']
export type Scale = Schemas['Scale']
export type Mark = Schemas['signalbox__pages__document__Mark']
export type Span = Schemas['Span']
export type Sum = Schemas['Sum']
export type Spark = Schemas['Spark']
export type Recent = Schemas['Recent']
export type Incident = Schemas['Incident']
export type Update = Schemas['Update']
export type Affected = Schemas['AffectedService']
export type Maintenance = Schemas['Maintenance']
export type Past = Schemas['Past']
