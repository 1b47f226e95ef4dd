import { readPattern } from '../../../src/alerts/pattern.ts';
import { AlertRoom } from '../../../src/alerts/room.ts';
import type { AlertTools, StoredSlot } from '../../../src/alerts/room-parts.ts';
import { partName, type Rule } from '../../../src/model/alert.ts';
import { declaredFacts, type FactDeclaration, type FactTable } from '../../../src/model/facts.ts';
import { describeFindings } from '../../../src/model/findings.ts';
import type { Notification } from '../../../src/model/notifier.ts';
import { measured, notMeasured, type OrderIdentity, type Outcome } from '../../../src/model/outcome.ts';
import { readRule } from '../../../src/reading/rule.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeLog } from '../../support/fake-log.ts';

const httpFacts: readonly FactDeclaration[] = [
	{ name: 'certificate_left', kind: 'seconds', help: 'until the certificate ends', per: 'measurement' },
	{ name: 'status', kind: 'gauge', help: 'the status code', per: 'measurement' },
	{ name: 'version', kind: 'text', help: 'of the protocol', per: 'measurement' },
	{ name: 'valid', kind: 'flag', help: 'whether it is valid', per: 'measurement' },
];

const facts: FactTable = new Map([
	['icmp', declaredFacts()],
	['http', declaredFacts(httpFacts)],
	['traceroute', declaredFacts([{ name: 'path', kind: 'path', help: 'the hops', per: 'measurement' }])],
]);

/** A rule from its text. */
export function ruleOf(name: string, text: string): Rule {
	const read = readRule(name, text, {
		facts,
		checkPattern: (of, pattern) => {
			const result = readPattern(of, pattern);
			return 'fault' in result ? result.fault : null;
		},
	});
	if ('findings' in read) throw new Error(describeFindings(read.findings));
	return read.rule;
}

export const start = 1_800_000_000;
export const step = 10;

export function identity(id: string, more: Partial<OrderIdentity> = {}): OrderIdentity {
	return { id, user: 'tmon', probe: 'icmp', target: '192.0.2.1', tags: {}, ...more };
}

/** `lost` of 5 pings, or unknown; its median in seconds. */
export type Made =
	| number
	| 'unknown'
	| { readonly lost?: number; readonly ms?: number; readonly facts?: object };

export function outcomeOf(order: OrderIdentity, slotNumber: number, made: Made, pop?: string): Outcome {
	const slot = { startSeconds: start + slotNumber * step, stepSeconds: step };
	const details = pop === undefined ? {} : { pop };
	if (made === 'unknown')
		return notMeasured('failed', order, slot, 5, { code: 'name_silent', reason: 'no answer' }, details);
	const { lost = 0, ms = 20, facts: own = {} } = typeof made === 'number' ? { lost: made } : made;
	const samples = [0, 1, 2, 3, 4].map((at) => ({
		sentAtSeconds: slot.startSeconds + at,
		rttSeconds: at < lost ? null : ms / 1000,
	}));
	return measured(order, slot, 5, samples, own as never, details);
}

/** A house around the rules: its clock, its files and its letter box. */
export class House {
	readonly clock: FakeClock;
	readonly files = new Map<string, string[]>();
	/** Of the daemon itself: what is in it is on the disk at once. */
	readonly ownFile: string[] = [];
	readonly sent: { readonly notifier: string; readonly notification: Notification }[] = [];
	readonly watched = new Set<string>();
	readonly removedMutes: string[] = [];
	readonly log = new FakeLog();
	readonly #orders: {
		readonly order: OrderIdentity;
		readonly alerts: readonly string[];
		readonly parents: readonly string[];
	}[] = [];
	readonly #rules: readonly Rule[];
	notifiers: readonly string[] = ['ops'];
	stateful = new Set<string>();
	slots: (id: string) => readonly StoredSlot[] = () => [];
	lastWeek: number | null = null;
	/** Of the orders that have one, the way as it was seen last. To be said before the order is. */
	readonly lastRoutes = new Map<string, readonly (string | null)[]>();
	route: AlertTools['route'] = () => null;
	/** What fires, as it was reported last. */
	reported: Parameters<AlertTools['report']>[0] = [];
	room: AlertRoom;
	/** What the queue has taken of each alert last, by notifier. */
	readonly #journal = new Map<string, 'raise' | 'clear'>();
	#saves: { readonly id: string; readonly lines: readonly string[]; readonly atMs: number }[] = [];

	constructor(rules: readonly Rule[]) {
		this.clock = new FakeClock(start * 1000);
		this.#rules = rules;
		this.room = this.#open();
	}

	order(
		id: string,
		more: Partial<OrderIdentity> = {},
		alerts: readonly string[] = [],
		parents: readonly string[] = [],
	) {
		const order = identity(id, more);
		this.#orders.push({ order, alerts, parents });
		this.#tell(order, alerts, parents);
		return order;
	}

	#tell(order: OrderIdentity, alerts: readonly string[], parents: readonly string[]): void {
		const traces = order.probe === 'traceroute';
		this.room.order({
			...{ identity: order, stepSeconds: step, pings: 5, alerts, parents, traces },
			hasRoute: this.lastRoutes.has(order.id),
		});
	}

	/** A kill and a start. */
	restart(): void {
		this.room = this.#open();
		for (const { order, alerts, parents } of this.#orders) this.#tell(order, alerts, parents);
	}

	/** A kill that comes before what was saved within the last seconds is on the disk, of it so much. */
	kill(lost: number): void {
		const fresh = this.#saves.filter(({ atMs }) => atMs > this.clock.wallMs() - 8000);
		for (const { id, lines } of fresh.slice(Math.max(0, fresh.length - lost)).reverse())
			this.files.set(id, (this.files.get(id) ?? []).slice(0, -lines.length));
		this.#saves = [];
		this.restart();
	}

	/** As the queue of the daemon does: what was told of an alert already is not told again. */
	#send(notifier: string, notification: Notification): void {
		const { about, members } = notification;
		if (about !== 'raise' && about !== 'clear') {
			this.sent.push(structuredClone({ notifier, notification }));
			return;
		}
		const fresh = members.filter(({ id }) => this.#journal.get(`${notifier}|${id}`) !== about);
		for (const { id } of fresh) this.#journal.set(`${notifier}|${id}`, about);
		if (fresh.length > 0)
			this.sent.push(structuredClone({ notifier, notification: { ...notification, members: fresh } }));
	}

	#open(): AlertRoom {
		const room = new AlertRoom({
			...{ clock: this.clock, log: this.log, facts },
			queue: {
				names: () => this.notifiers,
				wantsState: (name) => this.stateful.has(name),
				send: (notifier, notification) => this.#send(notifier, notification),
				openOf: (about) => {
					const open = [...this.#journal].filter(([, told]) => told === 'raise').map(([key]) => key);
					const found = open.find((key) =>
						this.notifiers.some((name) => key.startsWith(`${name}|${about}|`)),
					);
					return found === undefined ? null : found.slice(found.indexOf('|') + 1);
				},
				toldOf: (id) => {
					const told = this.notifiers.map((name) => this.#journal.get(`${name}|${id}`));
					return told.includes('raise') ? 'raise' : told.includes('clear') ? 'clear' : null;
				},
			},
			loadOwn: () => this.ownFile.join('\n'),
			saveOwn: (lines) => void this.ownFile.push(...lines),
			load: (id) => this.files.get(id)?.join('\n') ?? null,
			save: (id, lines) => {
				this.#saves.push({ id, lines, atMs: this.clock.wallMs() });
				this.files.set(id, [...(this.files.get(id) ?? []), ...lines]);
			},
			lastWeek: () => this.lastWeek,
			slots: ({ identity: { id } }, _pop, from, until) =>
				this.slots(id).filter(({ startSeconds }) => startSeconds >= from && startSeconds < until),
			route: (id, withinMs) => this.route(id, withinMs),
			lastRoute: (id) => this.lastRoutes.get(id) ?? null,
			watch: (ids, isWanted) => {
				for (const id of ids) this.watched[isWanted ? 'add' : 'delete'](id);
			},
			removeMutes: (names) => void this.removedMutes.push(...names),
			report: (firing) => {
				this.reported = firing;
			},
		});
		room.rules(this.#rules);
		return room;
	}

	/** The time at which results of a slot come. */
	at(slotNumber: number): void {
		const endMs = (start + (slotNumber + 1) * step) * 1000;
		while (this.clock.wallMs() < endMs) {
			this.clock.advance(Math.min(1000, endMs - this.clock.wallMs()));
			this.room.tick();
		}
	}

	/** Slots of one order, from `first` on; `-` is one that nobody tells, `U` an unknown one, digits are lost pings of 5. */
	feed(order: OrderIdentity, slots: string, first = 0, pop?: string): void {
		for (const [at, letter] of [...slots].entries()) {
			this.at(first + at);
			if (letter === '-') continue;
			this.room.accept(outcomeOf(order, first + at, letter === 'U' ? 'unknown' : Number(letter), pop));
		}
	}

	/** Ticks for so many seconds. */
	wait(seconds: number): void {
		for (let at = 0; at < seconds; at++) {
			this.clock.advance(1000);
			this.room.tick();
		}
	}

	/** `raise:3 clear:8`: what the file of an order tells, with the slots that did it. */
	history(id: string): string {
		return (this.files.get(id) ?? [])
			.map((line) => JSON.parse(line))
			.filter(({ about }) => about !== 'state')
			.map(({ about, raisedSeconds, clearedSeconds }) => {
				const end = about === 'raise' ? raisedSeconds : clearedSeconds;
				return `${about}:${(end - start) / step - 1}`;
			})
			.join(' ');
	}

	/** `raise ops a,b`: what went out. */
	told(): string[] {
		return this.sent.map(
			({ notifier, notification: { about, members } }) =>
				`${about} ${notifier} ${members.map(({ order, part, rule }) => order?.id ?? (part === undefined ? rule : partName(part))).join(',')}`,
		);
	}
}
