/** A table of which only those rows exist that are seen: any number of lines scroll as fast as a few. */
import { element, setAttribute } from './elements.ts';
import { RowRing, type TableRow } from './row-ring.ts';

export interface TableParts<Line> {
	/** What scrolls. */
	readonly box: HTMLElement;
	readonly table: HTMLTableElement;
	makeRow(): TableRow<Line>;
	/** Enter, or a click beside a link. */
	act(line: Line): void;
	/** Right or left: what is to be opened or closed. */
	fold(line: Line, isOpen: boolean): void;
	/** Those that are seen now have changed. */
	seen(lines: readonly Line[]): void;
}

/** Rows above and below what is seen: they are there before they are scrolled to. */
const spare = 12;
/** So many rows come into sight with one frame: as many as are wanted, but fewer where frames take long. */
const [mostRows, leastRows] = [60, 6];
/** A frame that took so long was too much. Milliseconds. */
const slowMs = 24;
/** After so long the frame before was not of the same scrolling. Milliseconds. */
const pauseMs = 400;
/** After so long without scrolling the rows are put into order. Milliseconds. */
const restMs = 100;

export class VirtualTable<Line> {
	readonly #parts: TableParts<Line>;
	readonly #body: HTMLTableSectionElement;
	readonly #ring: RowRing<Line>;
	#lines: readonly Line[] = [];
	#first = 0;
	#count = 0;
	/** The uppermost line that is seen. */
	#seen = 0;
	#current = 0;
	#rowHeight = 0;
	#bodyHeight = -1;
	#isAsked = false;
	/** What the rows say may be old. */
	#isOld = true;
	#frameMs = 0;
	#most = mostRows;
	#resting: ReturnType<typeof setTimeout> | undefined;

	constructor(parts: TableParts<Line>) {
		this.#parts = parts;
		const { table, box } = parts;
		this.#body = element('tbody', { role: 'rowgroup' });
		this.#ring = new RowRing(this.#body, parts.makeRow);
		for (const body of [...table.tBodies]) body.remove();
		table.append(this.#body);
		giveRoles(table);
		box.tabIndex = -1;
		box.addEventListener('scroll', () => this.#next(), { passive: true });
		new ResizeObserver(() => {
			this.#rowHeight = 0;
			this.ask();
		}).observe(box);
		this.#body.addEventListener('keydown', (event) => this.#key(event));
		box.addEventListener('keydown', (event) => {
			if (event.target === box) this.#key(event);
		});
		this.#body.addEventListener('focusin', ({ target }) => {
			const index = this.#ring.indexOf(target as Node);
			if (index !== null) this.#setCurrent(index);
		});
		this.#body.addEventListener('click', ({ target }) => {
			const index = this.#ring.indexOf(target as Node);
			const line = index === null ? undefined : this.#lines[index];
			if (line !== undefined && (target as Element).closest('a') === null) parts.act(line);
		});
	}

	/** Other lines, or the same ones in another order. */
	set(lines: readonly Line[]): void {
		this.#lines = lines;
		setAttribute(this.#parts.table, 'aria-rowcount', String(lines.length + 1));
		if (this.#current >= lines.length) this.#current = Math.max(0, lines.length - 1);
		this.ask();
	}

	get hasFocus(): boolean {
		return this.#parts.table.contains(document.activeElement);
	}

	toTop(): void {
		this.#parts.box.scrollTop = 0;
		this.#current = 0;
	}

	/** Shows anew what is seen, with the next frame. */
	ask(): void {
		this.#isOld = true;
		this.#next();
	}

	#next(): void {
		if (this.#isAsked) return;
		this.#isAsked = true;
		requestAnimationFrame((nowMs) => {
			this.#isAsked = false;
			const tookMs = nowMs - this.#frameMs;
			this.#frameMs = nowMs;
			if (tookMs < slowMs) this.#most = Math.min(mostRows, this.#most + 2);
			else if (tookMs < pauseMs) this.#most = Math.max(leastRows, this.#most >> 1);
			this.#show(false, this.#most);
		});
	}

	/**
	 * @param isResting nobody scrolls: spare rows may be made, and all be put into the order of the lines
	 * @param most so many rows come into sight; of more, the rest with the next frame
	 */
	#show(isResting: boolean, most = Number.POSITIVE_INFINITY): void {
		const { box } = this.#parts;
		if (this.#rowHeight === 0 && !this.#measure()) return;
		const height = this.#rowHeight;
		const seen = Math.floor(box.scrollTop / height);
		const screen = Math.ceil(box.clientHeight / height) + 1;
		// Who flies past sees what is seen alone.
		const isFar = !isResting && Math.abs(seen - this.#seen) > screen / 4;
		this.#seen = seen;
		const size = Math.min(this.#lines.length, screen + 2 * spare);
		this.#count = Math.min(size, isFar ? screen : size);
		const wanted = isFar ? seen : Math.max(0, seen - spare);
		this.#first = Math.max(0, Math.min(wanted, this.#lines.length - this.#count));
		const isFocused = this.hasFocus && document.activeElement !== box;
		if (this.#bodyHeight !== this.#lines.length * height) {
			this.#bodyHeight = this.#lines.length * height;
			this.#body.style.height = `${this.#bodyHeight}px`;
		}
		const window = { first: this.#first, count: this.#count, size, height };
		const areAll = this.#ring.show(this.#lines, window, this.#isOld, most);
		this.#isOld = false;
		if (!areAll) this.#next();
		if (isResting) this.#ring.sort();
		else this.#rest();
		this.#keepFocus(isFocused);
		this.#parts.seen(this.#lines.slice(this.#first, this.#first + this.#count));
	}

	#rest(): void {
		clearTimeout(this.#resting);
		this.#resting = setTimeout(() => this.#show(true), restMs);
	}

	#measure(): boolean {
		const [line] = this.#lines;
		if (line === undefined) {
			this.#ring.show([], { first: 0, count: 0, size: 0, height: 0 }, true, 0);
			this.#body.style.height = '0';
			this.#bodyHeight = 0;
			return false;
		}
		this.#rowHeight = this.#ring.heightOf(line);
		this.#isOld = true;
		return this.#rowHeight > 0;
	}

	/** One row can be reached with Tab: the current one, or the first that there is. */
	#keepFocus(isFocused: boolean): void {
		const { box } = this.#parts;
		const isSeen = this.#current >= this.#first && this.#current < this.#first + this.#count;
		const reachable = isSeen ? this.#current : this.#first;
		this.#ring.setReachable(reachable);
		if (!isFocused) return;
		const to = isSeen ? this.#ring.elementAt(reachable) : box;
		if (to !== null && (to === box || !to.contains(document.activeElement)))
			to.focus({ preventScroll: true });
	}

	#setCurrent(index: number): void {
		this.#current = Math.max(0, Math.min(index, this.#lines.length - 1));
	}

	#key(event: KeyboardEvent): void {
		if (event.ctrlKey || event.metaKey || event.altKey) return;
		const line = this.#lines[this.#current];
		if (line === undefined) return;
		const { box } = this.#parts;
		const page = Math.max(1, Math.floor(box.clientHeight / this.#rowHeight) - 2);
		const steps: Readonly<Record<string, number>> = {
			...{ ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page },
			...{ Home: -this.#lines.length, End: this.#lines.length },
		};
		const step = steps[event.key];
		if (step !== undefined) this.#goTo(this.#current + step);
		else if (event.key === 'ArrowRight') this.#parts.fold(line, true);
		else if (event.key === 'ArrowLeft') this.#parts.fold(line, false);
		else if (event.key === 'Enter') this.#parts.act(line);
		else return;
		event.preventDefault();
	}

	#goTo(index: number): void {
		this.#setCurrent(index);
		const { box, table } = this.#parts;
		const top = this.#current * this.#rowHeight;
		const room = box.clientHeight - (table.tHead?.offsetHeight ?? 0) - this.#rowHeight;
		if (top < box.scrollTop) box.scrollTop = top;
		else if (top > box.scrollTop + room) box.scrollTop = top - room;
		this.#show(false);
		this.#ring.elementAt(this.#current)?.focus({ preventScroll: true });
	}
}

/** Its rows are laid out by themselves, so what each part is must be said. */
function giveRoles(table: HTMLTableElement): void {
	table.setAttribute('role', 'treegrid');
	table.tHead?.setAttribute('role', 'rowgroup');
	for (const row of table.tHead?.rows ?? []) {
		row.setAttribute('role', 'row');
		for (const cell of row.cells) cell.setAttribute('role', 'columnheader');
	}
}
