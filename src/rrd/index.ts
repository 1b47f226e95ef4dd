export { rrdBytes } from './bytes.ts';
export { createRrd } from './create.ts';
export { RrdDamaged, RrdExists, RrdOtherShape, RrdTooEarly } from './errors.ts';
export { type FetchedRows, type FetchQuery, fetchRrd } from './fetch.ts';
export { readRrdHeader } from './header.ts';
export { hasKnownRows } from './known-rows.ts';
export {
	type Archive,
	type Consolidation,
	type DataSource,
	type RrdShape,
	sameShape,
	sameSources,
} from './shape.ts';
export { takeSources } from './take-sources.ts';
export { updateRrd } from './update.ts';
export { putText as putNumberText } from './value-text.ts';
