/** The rows of the overview's table: the same cells as the server writes. */
import type { Line } from './arrange.ts';
import { element, setAttribute, setText, svg } from './elements.ts';
import {
	countsText,
	folderLoss,
	lossStep,
	numbersOf,
	reasonOf,
	type SparkPaths,
	signs,
	sparkHeight,
	sparkPaths,
	sparkWidth,
	type Writer,
	worstOf,
} from './row-words.ts';
import { type Now, type Row, type Spark, stateOf } from './rows.ts';
import { summaryColumns, summaryTexts } from './summary.ts';
import type { TableRow } from './virtual-table.ts';

export interface RowSources {
	readonly writer: Writer;
	readonly isSummary: boolean;
	now(): Now;
	summaryOf(handle: number): readonly (number | null)[] | null;
}

/** Which line has the focus is the table's to know. */
export function orderRow(sources: RowSources): TableRow<Line> {
	const sign = element('span', { class: 'sign', 'aria-hidden': 'true' });
	const state = document.createTextNode('');
	const twist = element('span', { class: 'twist', 'aria-hidden': 'true' });
	const name = element('bdi');
	const link = element('a', { tabindex: '-1' }, name);
	const title = element('bdi');
	const titled = element('span', { class: 'title' }, title);
	const target = element('bdi');
	const cells = {
		state: element('td', { class: 'c-state' }, sign, ' ', state),
		order: element('td', {}, twist, link, ' ', titled),
		target: element('td', { class: 'c-target' }, target),
	};
	const rest = sources.isSummary ? summaryRest(sources) : stateRest(sources);
	const row = element('tr', {}, ...Object.values(cells), ...rest.cells);
	return {
		element: row,
		show(line) {
			const isFolder = line.kind === 'folder';
			setAttribute(row, 'class', isFolder ? 'folder' : null);
			setAttribute(row, 'aria-level', String(line.depth + 1));
			setAttribute(row, 'aria-expanded', isFolder ? String(line.isOpen) : null);
			setAttribute(cells.order, 'class', `c-order d${Math.min(line.depth, 9)}`);
			if (isFolder) {
				const { folder, isOpen } = line;
				const worst = worstOf(folder.counts);
				setAttribute(sign, 'class', `sign ${worst}`);
				setText(sign, signs[worst]);
				setText(state, worst);
				setText(twist, isOpen ? '\u25be' : '\u25b8');
				setText(name, `${folder.name}/`);
				setAttribute(link, 'href', `/?folder=${encodeURIComponent(folder.path)}`);
				setAttribute(link, 'title', folder.path);
				setText(title, sources.writer.count(folder.orders));
				setText(target, '');
			} else {
				const { row: order } = line;
				setText(twist, '');
				const is = stateOf(order, sources.now());
				setAttribute(sign, 'class', `sign ${is}`);
				setText(sign, signs[is]);
				setText(state, is);
				setText(name, line.name);
				setAttribute(link, 'href', `/orders/${encodeURIComponent(order.id)}`);
				setAttribute(link, 'title', order.id);
				setText(title, order.title);
				setText(target, order.target);
			}
			rest.show(line);
		},
	};
}

interface Rest {
	readonly cells: readonly HTMLTableCellElement[];
	show(line: Line): void;
}

function stateRest(sources: RowSources): Rest {
	const { writer } = sources;
	const loss = element('td');
	const median = element('td', { class: 'number c-median' });
	const reason = element('bdi');
	const [lossPath, linePath] = [svg('path', { class: 'loss' }), svg('path', { class: 'line' })];
	const picture = svg(
		'svg',
		{
			...{ class: 'spark', role: 'img', viewBox: `0 0 ${sparkWidth} ${sparkHeight}` },
			preserveAspectRatio: 'none',
		},
		lossPath,
		linePath,
	);
	const spark = element('td', {}, reason, picture);
	const age = element('td', { class: 'number c-age' });
	function showPicture(paths: SparkPaths | null): void {
		setAttribute(picture, 'hidden', paths === null ? '' : null);
		if (paths === null) return;
		setAttribute(linePath, 'd', paths.line);
		setAttribute(lossPath, 'd', paths.loss);
		setAttribute(picture, 'aria-label', paths.label);
	}
	return {
		cells: [loss, median, spark, age],
		show(line) {
			const isFolder = line.kind === 'folder';
			median.hidden = isFolder;
			spark.colSpan = isFolder ? 2 : 1;
			setAttribute(spark, 'class', isFolder ? 'c-rest' : 'c-spark');
			const share = isFolder
				? folderLoss(line.folder)
				: line.row.sent === 0
					? null
					: line.row.loss / line.row.sent;
			setAttribute(loss, 'class', `number c-loss loss-${lossStep(share)}`);
			if (isFolder) {
				setText(loss, writer.share(share));
				setText(reason, countsText(line.folder.counts, writer));
				setText(age, '');
				setAttribute(spark, 'title', null);
				showPicture(null);
				return;
			}
			const numbers = numbersOf(line.row, sources.now(), writer);
			setText(loss, numbers.loss);
			setText(median, numbers.median);
			setText(age, numbers.age);
			const why = reasonOf(line.row, sources.now());
			setText(reason, why);
			setAttribute(spark, 'title', why === '' ? null : why);
			showPicture(why === '' ? pathsOf(line.row, writer) : null);
		},
	};
}

const drawn = new WeakMap<Spark, SparkPaths>();

function pathsOf({ spark }: Row, writer: Writer): SparkPaths | null {
	if (spark === null || spark.losses.length === 0) return null;
	let paths = drawn.get(spark);
	if (paths === undefined) {
		paths = sparkPaths(spark, writer);
		drawn.set(spark, paths);
	}
	return paths;
}

function summaryRest(sources: RowSources): Rest {
	const cells = Array.from({ length: summaryColumns }, () => element('td', { class: 'number' }));
	return {
		cells,
		show(line) {
			const isFolder = line.kind === 'folder';
			const [first] = cells;
			if (first === undefined) return;
			first.colSpan = isFolder ? summaryColumns : 1;
			setAttribute(first, 'class', isFolder ? 'c-rest' : 'number');
			const texts = isFolder
				? [countsText(line.folder.counts, sources.writer)]
				: summaryTexts(sources.summaryOf(line.row.handle), sources.writer);
			for (const [at, cell] of cells.entries()) {
				cell.hidden = isFolder && at > 0;
				setText(cell, texts[at] ?? '');
			}
		},
	};
}
