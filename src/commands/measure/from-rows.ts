import { escapeJson, printable } from '../../model/printable.ts';
import type { Paint } from '../terminal/paint.ts';
import { lossPercent, milliseconds } from '../terminal/text.ts';
import type { FromOne } from './by-pops.ts';
import type { From } from './from.ts';
import { jsonPartOf, summaryOf } from './report.ts';
import type { Wish } from './wish.ts';

const columns = ['SENT', 'LOSS', 'MIN ms', 'MEDIAN ms', 'MAX ms', 'JITTER ms', 'MOS'] as const;

/** A row for each that measures, printed as it is known. */
export class FromRows {
	readonly #wish: Wish;
	readonly #names: readonly string[];
	readonly #paint: Paint;
	readonly #print: (line: string) => void;
	readonly #told = new Map<string, FromOne['came']>();

	constructor(wish: Wish, { pops, here, absent }: From, paint: Paint, print: (line: string) => void) {
		this.#wish = wish;
		this.#names = [...absent.keys(), ...pops, ...(here ? ['here'] : [])];
		this.#paint = paint;
		this.#print = print;
		print(this.#row('FROM', columns));
	}

	tell({ from, came }: FromOne): void {
		this.#told.set(from, came);
		if ('failure' in came) this.#print(this.#trouble(from, came.failure));
		else if (came.outcome.kind !== 'measured') this.#print(this.#trouble(from, came.outcome.reason));
		else {
			const { sent, received, loss, min, median, max, jitter, mos } = summaryOf(came.outcome.measurement);
			const cells = [
				String(sent),
				lossPercent(sent - received, sent),
				...[min, median, max, jitter].map(milliseconds),
				mos.toFixed(2),
			];
			const row = this.#row(from, cells);
			this.#print(loss > 0 ? this.#paint('lost', row) : row);
		}
	}

	/** One object for all. */
	json(): string {
		const { probe, shownTarget, target } = this.#wish.order;
		const pops = [...this.#told].map(([name, came]) =>
			'failure' in came
				? { name, kind: 'failed', reason: came.failure }
				: { name, ...jsonPartOf(came.outcome) },
		);
		return escapeJson(JSON.stringify({ probe, target: shownTarget ?? target, by: 'pops', pops }));
	}

	/** 0: all answered to all, 1: some lost or not measured, 2: none answered, 3: nobody could measure. */
	get exit(): 0 | 1 | 2 | 3 {
		const measured = [...this.#told.values()].flatMap((came) =>
			'outcome' in came && came.outcome.kind === 'measured' ? [came.outcome.measurement] : [],
		);
		if (measured.length === 0) return 3;
		const lost = measured.reduce((sum, { loss }) => sum + loss, 0);
		const sent = measured.reduce((sum, { samples }) => sum + samples.length, 0);
		if (lost === sent) return 2;
		return lost === 0 && measured.length === this.#names.length ? 0 : 1;
	}

	#row(name: string, cells: readonly string[]): string {
		const shown = cells.map((cell, at) => cell.padStart(columns[at]?.length ?? 0));
		return [printable(name).padEnd(this.#width), ...shown].join('  ');
	}

	#trouble(name: string, why: string): string {
		return `${printable(name).padEnd(this.#width)}  ${this.#paint('red', printable(why))}`;
	}

	get #width(): number {
		return Math.max(4, ...this.#names.map(({ length }) => length));
	}
}
