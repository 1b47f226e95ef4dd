import { type Alert, type AlertSlot, localPop } from '../model/alert.ts';
import { fresh } from './evaluate.ts';
import { type RuleRecord, stateLine, transitionLine, wellRecord } from './order-file-lines.ts';
import type { Bound, OrderWatch } from './order-watch.ts';
import type { AlertTools } from './room-parts.ts';
import type { Teller } from './teller.ts';

export interface RecordsParts {
	readonly tools: Pick<AlertTools, 'clock' | 'queue' | 'save' | 'slots'>;
	readonly teller: Teller;
	watchOf(id: string): OrderWatch | undefined;
	/** Its last slots. */
	recent(watch: OrderWatch): readonly AlertSlot[];
	/** Whether its alerts may be held for what lies before it. */
	dependsOnOthers(watch: OrderWatch): boolean;
	/** It is to be remembered that it is over until that was told, though its order is gone. */
	owe(alert: Alert): void;
}

/** Keeps in the files of the orders how the rules stand, and goes on from there after a kill. */
export class Records {
	readonly #parts: RecordsParts;
	/** By id of an alert whose rule is gone, and that is still to be told to be over. */
	readonly #ofGoneRules = new Map<string, Alert>();

	constructor(parts: RecordsParts) {
		this.#parts = parts;
	}

	/** Lines of history, with those of rules that stand otherwise than before. */
	save(watch: OrderWatch, history: readonly string[]): void {
		let lines: string[] | null = history.length === 0 ? null : [...history];
		for (const bound of watch.bound) {
			const line = watch.unwritten(bound);
			if (line === null) continue;
			lines ??= [];
			lines.push(line);
		}
		if (lines !== null) this.#parts.tools.save(watch.id, lines);
	}

	/** An alert has been told, or that it is over: then it need not be remembered. */
	told(alert: Alert, about: 'raise' | 'clear' | 'reminder'): void {
		const watch = this.#parts.watchOf(alert.order?.id ?? '');
		if (watch === undefined) return;
		const bound = watch.bound.find(({ compiled }) => compiled.rule.name === alert.rule);
		if (about === 'clear' && this.#ofGoneRules.delete(alert.id) && bound === undefined)
			this.#parts.tools.save(watch.id, [this.#lineOfGone(alert)]);
		if (bound === undefined) return;
		const { record } = bound;
		if (about === 'clear') bound.record = withoutClosing(record, alert.id);
		else if (record.alert?.id === alert.id) bound.record = { ...record, toldSeconds: this.#nowSeconds };
		this.save(watch, []);
	}

	/** Of a rule that is gone, with what is still to be told of it. */
	#lineOfGone({ rule, order }: Alert): string {
		const closing = [...this.#ofGoneRules.values()].filter(
			(one) => one.rule === rule && one.order?.id === order?.id,
		);
		return stateLine(rule, { ...wellRecord, closing });
	}

	/** The rule is gone: what fires is over. */
	ruleGone(watch: OrderWatch, rule: string, record: RuleRecord): void {
		if (record === wellRecord) return;
		const { owed, lines } = this.#end(watch, record);
		for (const alert of owed) this.#ofGoneRules.set(alert.id, alert);
		this.#parts.tools.save(watch.id, [...lines, stateLine(rule, { ...wellRecord, closing: owed })]);
	}

	/** The order is gone, and its file with it. */
	orderGone(watch: OrderWatch): void {
		for (const { compiled, record } of watch.bound) {
			if (record === wellRecord) continue;
			const { owed, lines } = this.#end(watch, record);
			for (const alert of owed) this.#parts.owe(alert);
			this.#parts.tools.save(watch.id, [...lines, stateLine(compiled.rule.name, wellRecord)]);
		}
		for (const [id, alert] of this.#ofGoneRules) {
			if (alert.order?.id !== watch.id) continue;
			this.#ofGoneRules.delete(id);
			this.#parts.owe(alert);
		}
	}

	/** Ends what fires. Returns what is still to be told of it, and the lines of its history. */
	#end(
		watch: OrderWatch,
		{ alert, toldSeconds, closing }: RuleRecord,
	): { readonly owed: readonly Alert[]; readonly lines: readonly string[] } {
		const { teller } = this.#parts;
		const nowSeconds = Math.round(this.#nowSeconds);
		const ends = alert === null ? [] : [{ ...alert, clearedSeconds: nowSeconds }];
		const lines = ends.map((one) => transitionLine({ about: 'clear', alert: one, slots: [] }, nowSeconds));
		const owed = [...closing, ...ends].filter((one) => {
			const wasTold = one.id !== alert?.id || toldSeconds !== null;
			return teller.isClearing(one.id) || teller.clear(one, this.#parts.recent(watch), wasTold);
		});
		return { owed, lines };
	}

	/** A rule stood so with an order before the daemon was started. True when there is something to tell of it. */
	restored(watch: OrderWatch, bound: Bound): boolean {
		this.#endTold(watch, bound);
		this.#recover(watch, bound);
		const { alert, toldSeconds, closing } = bound.record;
		if (alert === null && closing.length === 0) return false;
		const { teller, tools } = this.#parts;
		const untilSeconds = this.#nowSeconds;
		const fromSeconds = untilSeconds - 10 * watch.order.stepSeconds;
		const slots = tools.slots(watch.order, localPop, fromSeconds, untilSeconds);
		for (const one of closing) teller.clear(one, slots, true);
		if (alert !== null) teller.raise(alert, slots, toldSeconds, this.#parts.dependsOnOthers(watch));
		return true;
	}

	/** It was over, and people were told of that: only the file was not, by a kill. */
	#endTold(watch: OrderWatch, bound: Bound): void {
		const { alert } = bound.record;
		if (alert === null || this.#parts.tools.queue.toldOf(alert.id) !== 'clear') return;
		const nowSeconds = Math.round(this.#nowSeconds);
		const cleared = { ...alert, clearedSeconds: nowSeconds };
		bound.record = { ...bound.record, state: fresh, alert: null, toldSeconds: null };
		this.save(watch, [transitionLine({ about: 'clear', alert: cleared, slots: [] }, nowSeconds)]);
	}

	/** A kill may have lost what the file was to say, when people had been told already: it fires as they know it. */
	#recover(watch: OrderWatch, bound: Bound): void {
		const { record, compiled } = bound;
		const { name, severity, notify, remindSeconds } = compiled.rule;
		const id = record.alert === null ? this.#parts.tools.queue.openOf(`${name}|${watch.id}`) : null;
		if (id === null || record.closing.some((one) => one.id === id)) return;
		const sinceSeconds = Number(id.slice(id.lastIndexOf('|') + 1));
		if (!Number.isFinite(sinceSeconds)) return;
		const alert: Alert = {
			...{ id, rule: name, severity, order: watch.order.identity, what: 'it fired before a restart' },
			...{ sinceSeconds, raisedSeconds: sinceSeconds, pops: [], notify, remindSeconds },
		};
		const nowSeconds = this.#nowSeconds;
		const state = { ...record.state, run: { isFiring: true, marks: null } };
		bound.record = { ...record, state, alert, toldSeconds: nowSeconds };
		this.save(watch, [transitionLine({ about: 'raise', alert, slots: [] }, Math.round(nowSeconds))]);
	}

	get #nowSeconds(): number {
		return this.#parts.tools.clock.wallMs() / 1000;
	}
}

/** The same, with that alert told to be over. */
export function withoutClosing(record: RuleRecord, id: string): RuleRecord {
	const closing = record.closing.filter((one) => one.id !== id);
	return closing.length === record.closing.length ? record : { ...record, closing };
}
