import { layoutOf } from './layout.ts';
import type { RrdShape } from './shape.ts';

/** How long a file of this shape is, from its creation on. Bytes. */
export function rrdBytes(shape: RrdShape): number {
	return layoutOf(shape).fileBytes;
}
