import { writeFully } from './file.ts';
import { headerOf, type OpenRrd, readU64, writeU64 } from './header.ts';
import { type ArchiveLayout, rowWord, rowWords } from './layout.ts';

/** Many rows that are due at once are written in parts of about this size. Bytes. */
const partBytes = 256 * 1024;

let part = headerOf(8192);

/**
 * Writes rows that are due, after the newest one: `primary` of the row preparations to the first, `secondary` to the
 * others. Moves the row pointer, in memory only.
 */
export function writeRows(file: OpenRrd, archive: ArchiveLayout, due: number): void {
	const { halves } = file.header;
	const { rowBytes } = file.layout;
	const { rows, rowsOffset } = archive;
	const newest = (readU64(halves, archive.pointerWord) + due) % rows;
	// More rows than there are: rrdtool, too, begins with `primary` where the remaining ones begin.
	let left = Math.min(due, rows);
	let row = (newest + 1 + rows - left) % rows;
	let isFirst = true;
	const rowsPerPart = Math.max(1, Math.floor(partBytes / rowBytes));
	while (left > 0) {
		const count = Math.min(left, rowsPerPart, rows - row);
		fillPart(file, archive, count, isFirst);
		writeFully(file.fd, part.bytes, 0, count * rowBytes, rowsOffset + row * rowBytes, file.calls);
		row = (row + count) % rows;
		left -= count;
		isFirst = false;
	}
	writeU64(halves, archive.pointerWord, newest);
}

function fillPart(file: OpenRrd, archive: ArchiveLayout, count: number, isFirst: boolean): void {
	const { header, layout } = file;
	if (count * layout.rowBytes > part.bytes.length) part = headerOf(count * layout.rowBytes);
	const sources = layout.shape.dataSources.length;
	let to = 0;
	for (let row = 0; row < count; row += 1) {
		let from = archive.preparationWord + (isFirst && row === 0 ? rowWord.primary : rowWord.secondary);
		for (let source = 0; source < sources; source += 1, from += rowWords) {
			part.words[to] = header.words[from] ?? Number.NaN;
			to += 1;
		}
	}
}
