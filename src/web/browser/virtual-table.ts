/** A table of which only those rows exist that are seen: any number of lines scroll as fast as a few. */
import { element, setAttribute } from './elements.ts';

export interface TableRow<Line> {
	readonly element: HTMLTableRowElement;
	/** Shows another line. */
	show(line: Line): void;
}

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

/** Rows above and below what is seen. */
const spare = 12;
/** Rows are exchanged in groups, so that small scrolling costs nothing. */
const group = 6;

export class VirtualTable<Line> {
	readonly #parts: TableParts<Line>;
	readonly #body: HTMLTableSectionElement;
	readonly #above = spacer();
	readonly #below = spacer();
	readonly #rows: TableRow<Line>[] = [];
	#lines: readonly Line[] = [];
	#first = 0;
	#current = 0;
	#rowHeight = 0;
	#isAsked = false;

	constructor(parts: TableParts<Line>) {
		this.#parts = parts;
		const { table, box } = parts;
		this.#body = element('tbody');
		for (const body of [...table.tBodies]) body.remove();
		table.append(this.#above.body, this.#body, this.#below.body);
		table.setAttribute('role', 'treegrid');
		box.tabIndex = -1;
		box.addEventListener('scroll', () => this.ask(), { passive: true });
		new ResizeObserver(() => this.ask()).observe(box);
		this.#body.addEventListener('keydown', (event) => this.#key(event));
		box.addEventListener('keydown', (event) => {
			if (event.target === box) this.#key(event);
		});
		this.#body.addEventListener('focusin', ({ target }) => {
			const at = this.#rows.findIndex(({ element }) => element.contains(target as Node));
			if (at >= 0) this.#setCurrent(this.#first + at);
		});
		this.#body.addEventListener('click', ({ target }) => {
			const at = this.#rows.findIndex(({ element }) => element.contains(target as Node));
			const line = at < 0 ? undefined : this.#lines[this.#first + at];
			if (line !== undefined && (target as Element).closest('a') === null) parts.act(line);
		});
	}

	/** Other lines, or the same ones in another order. */
	set(lines: readonly Line[]): void {
		this.#lines = lines;
		this.#parts.table.setAttribute('aria-rowcount', String(lines.length + 1));
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
		if (this.#isAsked) return;
		this.#isAsked = true;
		requestAnimationFrame(() => {
			this.#isAsked = false;
			this.#show();
		});
	}

	#show(): void {
		const { box } = this.#parts;
		if (this.#rowHeight === 0 && !this.#measure()) return;
		const height = this.#rowHeight;
		const seen = Math.floor(box.scrollTop / height);
		const most = Math.ceil(box.clientHeight / height) + 2 * spare + group;
		const wanted = Math.floor(Math.max(0, seen - spare) / group) * group;
		const first = Math.max(0, Math.min(wanted, this.#lines.length - most));
		this.#turn(first - this.#first);
		this.#first = first;
		const last = Math.min(this.#lines.length, this.#first + most);
		const isFocused = this.hasFocus && document.activeElement !== box;
		this.#haveRows(last - this.#first);
		for (const [at, row] of this.#rows.entries()) {
			const line = this.#lines[this.#first + at];
			if (line === undefined) continue;
			row.show(line);
			setAttribute(row.element, 'aria-rowindex', String(this.#first + at + 2));
		}
		this.#above.set(this.#first * height);
		this.#below.set((this.#lines.length - last) * height);
		this.#keepFocus(isFocused);
		this.#parts.seen(this.#lines.slice(this.#first, last));
	}

	/** Rows that go out at one end come in at the other: those between stay as they are. */
	#turn(by: number): void {
		if (by === 0 || Math.abs(by) >= this.#rows.length) return;
		if (by > 0) {
			const moved = this.#rows.splice(0, by);
			this.#rows.push(...moved);
			this.#body.append(...moved.map(({ element }) => element));
		} else {
			const moved = this.#rows.splice(by);
			this.#rows.unshift(...moved);
			this.#body.prepend(...moved.map(({ element }) => element));
		}
	}

	#haveRows(count: number): void {
		while (this.#rows.length < count) {
			const row = this.#parts.makeRow();
			this.#rows.push(row);
			this.#body.append(row.element);
		}
		for (const { element } of this.#rows.splice(count)) element.remove();
	}

	#measure(): boolean {
		const [line] = this.#lines;
		if (line === undefined) {
			this.#haveRows(0);
			return false;
		}
		this.#haveRows(1);
		this.#rows[0]?.show(line);
		this.#rowHeight = this.#rows[0]?.element.getBoundingClientRect().height ?? 0;
		return this.#rowHeight > 0;
	}

	/** One row can be reached with Tab: the current one, or the first that there is. */
	#keepFocus(isFocused: boolean): void {
		const at = this.#current - this.#first;
		const isSeen = at >= 0 && at < this.#rows.length;
		for (const [index, { element }] of this.#rows.entries())
			setAttribute(element, 'tabindex', index === (isSeen ? at : 0) ? '0' : '-1');
		if (!isFocused) return;
		const to = isSeen ? this.#rows[at]?.element : this.#parts.box;
		if (to !== undefined && !to.contains(document.activeElement)) to.focus({ preventScroll: true });
		else if (to === this.#parts.box) to.focus({ preventScroll: true });
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
		this.#show();
		this.#rows[this.#current - this.#first]?.element.focus({ preventScroll: true });
	}
}

function spacer() {
	const cell = element('td');
	const body = element('tbody', { 'aria-hidden': 'true', class: 'space' }, element('tr', {}, cell));
	return {
		body,
		set: (height: number) => {
			body.hidden = height <= 0;
			cell.style.height = `${Math.max(0, height)}px`;
		},
	};
}
