/** The rows of the overview's table: the same cells as the server writes. */
import type { Line } from './arrange.ts';
import { element, liveAttribute, liveText, setAttribute, svg } from './elements.ts';
import type { TableRow } from './row-ring.ts';
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
import { lossOf, type Now, type Row, type Spark, type StateName, stateOf } from './rows.ts';
import { summaryColumns, summaryTexts } from './summary.ts';

export interface RowSources {
	readonly writer: Writer;
	readonly isSummary: boolean;
	now(): Now;
	summaryOf(handle: number): readonly (number | null)[] | null;
}

/** Which line has the focus is the table's to know. */
export function orderRow(sources: RowSources): TableRow<Line> {
	const [signText, state, twist] = [liveText(), liveText(), liveText()];
	const [name, title, target] = [liveText(), liveText(), liveText()];
	const sign = element('span', { 'aria-hidden': 'true' }, signText.node);
	const twisted = element('span', { class: 'twist', 'aria-hidden': 'true' }, twist.node);
	const link = element('a', { tabindex: '-1' }, element('bdi', {}, name.node));
	const titled = element('span', { class: 'title' }, element('bdi', {}, title.node));
	const order = cell({}, twisted, link, ' ', titled);
	const rest = sources.isSummary ? summaryRest(sources) : stateRest(sources);
	const row = element(
		'tr',
		{ role: 'row' },
		cell({ class: 'c-state' }, sign, ' ', state.node),
		order,
		cell({ class: 'c-target' }, element('bdi', {}, target.node)),
		...rest.cells,
	);
	const set = {
		...{ row: liveAttribute(row, 'class'), level: liveAttribute(row, 'aria-level') },
		...{ isOpen: liveAttribute(row, 'aria-expanded'), order: liveAttribute(order, 'class') },
		...{ href: liveAttribute(link, 'href'), title: liveAttribute(link, 'title') },
		sign: liveAttribute(sign, 'class'),
	};
	function showState(is: StateName): void {
		set.sign(`sign ${is}`);
		signText.say(signs[is]);
		state.say(is);
	}
	return {
		element: row,
		show(line) {
			set.level(String(line.depth + 1));
			set.order(`c-order d${Math.min(line.depth, 9)}`);
			if (line.kind === 'folder') {
				const { folder, isOpen } = line;
				set.row('folder');
				set.isOpen(String(isOpen));
				showState(worstOf(folder.counts));
				twist.say(isOpen ? '\u25be' : '\u25b8');
				name.say(`${folder.name}/`);
				set.href(`/?folder=${encodeURIComponent(folder.path)}`);
				set.title(folder.path);
				title.say(sources.writer.count(folder.orders));
				target.say('');
			} else {
				const { row: shown } = line;
				set.row(null);
				set.isOpen(null);
				showState(stateOf(shown, sources.now()));
				twist.say('');
				name.say(line.name);
				set.href(`/orders/${encodeURIComponent(shown.id)}`);
				set.title(shown.id);
				title.say(shown.title);
				target.say(shown.target);
			}
			rest.show(line);
		},
	};
}

function cell(attributes: Readonly<Record<string, string>>, ...children: (Node | string)[]) {
	return element('td', { role: 'gridcell', ...attributes }, ...children);
}

interface Rest {
	readonly cells: readonly HTMLTableCellElement[];
	show(line: Line): void;
}

function stateRest(sources: RowSources): Rest {
	const { writer } = sources;
	const [lossText, medianText, reason, ageText] = [liveText(), liveText(), liveText(), liveText()];
	const loss = cell({}, lossText.node);
	const median = cell({ class: 'number c-median' }, medianText.node);
	const picture = sparkPicture();
	const spark = cell({}, element('bdi', {}, reason.node), picture.element);
	const age = cell({ class: 'number c-age' }, ageText.node);
	const set = {
		...{ loss: liveAttribute(loss, 'class'), spark: liveAttribute(spark, 'class') },
		...{ hidden: liveAttribute(median, 'hidden'), title: liveAttribute(spark, 'title') },
		ageHidden: liveAttribute(age, 'hidden'),
	};
	return {
		cells: [loss, median, spark, age],
		show(line) {
			const isFolder = line.kind === 'folder';
			// What has no numbers has room for words.
			const isWords = isFolder || line.row.isRejected;
			set.hidden(isWords ? '' : null);
			set.ageHidden(isWords ? '' : null);
			const share = isFolder ? folderLoss(line.folder) : lossOf(line.row);
			set.loss(`number c-loss loss-${lossStep(share)}`);
			lossText.say(writer.share(share));
			const why = isFolder ? '' : reasonOf(line.row, sources.now());
			set.title(why === '' ? null : why);
			set.spark(isWords ? 'c-rest' : why === '' ? 'c-spark' : 'c-spark why');
			picture.show(isFolder || why !== '' ? null : pathsOf(line.row, writer));
			if (isFolder) {
				reason.say(countsText(line.folder.counts, writer));
				ageText.say('');
			} else {
				const numbers = numbersOf(line.row, sources.now(), writer);
				reason.say(why);
				medianText.say(numbers.median);
				ageText.say(numbers.age);
			}
		},
	};
}

/** The last slots of an order, drawn only where there are some. */
function sparkPicture() {
	const [lossPath, linePath] = [svg('path', { class: 'loss' }), svg('path', { class: 'line' })];
	const picture = svg(
		'svg',
		{
			...{ class: 'spark', role: 'img', viewBox: `0 0 ${sparkWidth} ${sparkHeight}` },
			...{ preserveAspectRatio: 'none', hidden: '' },
		},
		lossPath,
		linePath,
	);
	const hide = liveAttribute(picture, 'hidden');
	let shown: SparkPaths | null = null;
	return {
		element: picture,
		show(paths: SparkPaths | null): void {
			if (paths === shown) return;
			shown = paths;
			hide(paths === null ? '' : null);
			if (paths === null) return;
			linePath.setAttribute('d', paths.line);
			lossPath.setAttribute('d', paths.loss);
			picture.setAttribute('aria-label', paths.label);
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
	const texts = Array.from({ length: summaryColumns }, liveText);
	const cells = texts.map(({ node }) => cell({ class: 'number' }, node));
	return {
		cells,
		show(line) {
			const isFolder = line.kind === 'folder';
			const words = isFolder
				? [countsText(line.folder.counts, sources.writer)]
				: summaryTexts(sources.summaryOf(line.row.handle), sources.writer);
			for (const [at, one] of cells.entries()) {
				if (at === 0) setAttribute(one, 'class', isFolder ? 'c-rest' : 'number');
				else one.hidden = isFolder;
				texts[at]?.say(words[at] ?? '');
			}
		},
	};
}
