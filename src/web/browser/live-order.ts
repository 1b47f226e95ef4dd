/** What happens to one order while it is looked at: each ping as it is answered, and what comes of each slot. */
import { type FactPart, factText } from './fact-words.ts';
import { showLink } from './link-state.ts';
import { pingsText, slotNumbers } from './slot-words.ts';
import { clockWords, rttWords, timeWords } from './words.ts';

interface EarlyTold {
	readonly id: string;
	readonly slot: number;
	readonly pings: number;
	readonly early: readonly { readonly index: number; readonly rtt: number | null }[];
}

interface OutcomeTold {
	readonly order: { readonly id: string };
	readonly pop?: string;
	readonly slot: number;
	readonly pings: number;
	readonly kind: string;
	readonly samples?: readonly { readonly rtt: number | null }[];
	readonly facts?: Readonly<Record<string, FactPart | readonly FactPart[]>>;
	readonly reason?: string;
}

/** Of the last slots. */
const rowsMax = 10;
/** The daemon's file is written a moment after it told us. */
const writtenMs = [700, 2500] as const;

export class LiveOrder {
	readonly #id: string;
	readonly #changed: () => void;
	/** Of the slot that is measured just now, by their number. */
	readonly #pings = new Map<number, number | null>();
	#slot = 0;
	#count: number;

	/** @param changed there is something new in the files */
	constructor(id: string, pings: number, changed: () => void) {
		this.#id = id;
		this.#count = pings;
		this.#changed = changed;
		this.#listen(true);
	}

	/** Only few may listen to single pings. Who is one too many hears what comes of the slots. */
	#listen(isEarly: boolean): void {
		const query = new URLSearchParams({ about: isEarly ? 'outcome,early' : 'outcome', orders: this.#id });
		if (isEarly) query.set('early', this.#id);
		const source = new EventSource(`/pages/events?${query}`);
		const told = (isAway: boolean) => showLink(isAway ? 'away' : 'up', null);
		let wasAway = false;
		source.addEventListener('open', () => {
			told(false);
			if (wasAway) this.#changed();
			wasAway = false;
		});
		source.addEventListener('error', () => {
			wasAway = true;
			if (source.readyState !== EventSource.CLOSED) told(true);
			else if (isEarly) this.#listen(false);
			else {
				told(true);
				setTimeout(() => this.#listen(true), 10_000);
			}
		});
		source.addEventListener('early', ({ data }) => this.#early(JSON.parse(data) as EarlyTold));
		source.addEventListener('outcome', ({ data }) => this.#outcome(JSON.parse(data) as OutcomeTold));
	}

	#early({ id, slot, pings, early }: EarlyTold): void {
		if (id !== this.#id || slot < this.#slot) return;
		if (slot > this.#slot) this.#begin(slot, pings);
		for (const { index, rtt } of early) this.#pings.set(index, rtt);
		this.#showPings();
	}

	#begin(slot: number, pings: number): void {
		this.#slot = slot;
		this.#count = pings;
		this.#pings.clear();
	}

	#showPings(): void {
		const list = document.getElementById('slot-pings');
		const heading = document.getElementById('slot-time');
		if (list === null || heading === null) return;
		const answered = [...this.#pings.values()].filter((rtt) => rtt !== null).length;
		heading.textContent = `Slot of ${clockWords(this.#slot)}: ${answered} of ${this.#count} answered so far`;
		list.replaceChildren(
			...Array.from({ length: Math.min(this.#count, 200) }, (_, index) => {
				const item = document.createElement('li');
				const rtt = this.#pings.get(index);
				item.dataset['state'] = rtt === undefined ? 'waiting' : rtt === null ? 'lost' : 'answered';
				item.textContent = rtt === undefined ? '·' : rtt === null ? '×' : pingsText([rtt]);
				return item;
			}),
		);
	}

	#outcome(told: OutcomeTold): void {
		// A pattern of ids may be meant for more.
		const name = told.pop === undefined ? told.order.id : `${told.order.id}/@${told.pop}`;
		if (name !== this.#id) return;
		if (told.slot >= this.#slot) {
			this.#begin(told.slot + 1, told.pings);
			const heading = document.getElementById('slot-time');
			if (heading !== null) heading.textContent = 'Waiting for the next slot';
			document.getElementById('slot-pings')?.replaceChildren();
		}
		this.#addRow(told);
		this.#showFacts(told);
		for (const ms of writtenMs) setTimeout(this.#changed, ms);
	}

	#addRow({ slot, kind, samples = [], pings, reason = '' }: OutcomeTold): void {
		const body = document.querySelector('#last-slots tbody');
		if (body === null) return;
		for (const row of body.querySelectorAll(`tr[data-slot="${slot}"], tr[data-slot="none"]`)) row.remove();
		const rtts = samples.map(({ rtt }) => rtt);
		const { lost, min, median, max } = slotNumbers(rtts);
		const isMeasured = kind === 'measured';
		const row = document.createElement('tr');
		row.dataset['slot'] = String(slot);
		const head = document.createElement('th');
		head.scope = 'row';
		const time = document.createElement('time');
		time.dateTime = new Date(slot * 1000).toISOString();
		time.textContent = timeWords(slot);
		head.append(time);
		const words = isMeasured
			? [`${lost} of ${pings}`, rttWords(min), rttWords(median), rttWords(max), pingsText(rtts)]
			: ['not measured', '', '', '', reason];
		row.append(
			head,
			...words.map((text, at) => {
				const cell = document.createElement('td');
				cell.textContent = text;
				cell.className = at === 4 ? 'pings' : 'number';
				return cell;
			}),
		);
		const after = [...body.children].find((other) => Number((other as HTMLElement).dataset['slot']) < slot);
		body.insertBefore(row, after ?? null);
		while (body.children.length > rowsMax) body.lastElementChild?.remove();
	}

	#showFacts({ facts = {} }: OutcomeTold): void {
		for (const element of document.querySelectorAll<HTMLElement>('[data-fact]')) {
			const { fact = '', kind = 'text', unit } = element.dataset;
			const value = facts[fact];
			if (value !== undefined && Object.hasOwn(facts, fact))
				element.textContent = factText({ kind, unit }, value);
		}
	}
}
