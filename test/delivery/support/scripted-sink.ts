import { z } from 'zod';
import type {
	Delivered,
	DeliveredOrder,
	OpenSink,
	Sink,
	SinkTools,
	Verdict,
} from '../../../src/model/sink.ts';
import { stepOf } from './results.ts';

export interface ScriptedSettings {
	readonly to: string;
	readonly password?: string | undefined;
	readonly datagrams: boolean;
}

/** A sink that does what a test tells it to, and remembers what was written. */
export class ScriptedSink implements Sink<ScriptedSettings> {
	readonly name: string;
	readonly settings = z.strictObject({
		to: z.string().default('here'),
		password: z.string().optional(),
		datagrams: z.boolean().default(false),
	});
	/** What it has taken, batch by batch: which of `results`. */
	readonly taken: number[][] = [];
	/** Every batch that it was given, taken or not. */
	readonly tried: number[][] = [];
	opened = 0;
	closed = 0;
	/** What the next tries do; by default they succeed at once. */
	opening: (tools: SinkTools) => Promise<void> = async () => {};
	writing: (batch: readonly Delivered[], signal: AbortSignal) => Promise<void> = async () => {};
	/** What it says of each of a batch; null: nothing, so that all of it is taken. */
	judging: ((step: number, index: number) => Verdict) | null = null;
	takes: (order: DeliveredOrder) => boolean = () => true;
	ordered = false;

	constructor(name = 'scripted') {
		this.name = name;
	}

	destination({ to, password }: ScriptedSettings): string {
		return `test://${password === undefined ? '' : `user:${password}@`}${to}`;
	}

	confirms({ datagrams }: ScriptedSettings): boolean {
		return !datagrams;
	}

	async open(_settings: ScriptedSettings, tools: SinkTools): Promise<OpenSink> {
		await this.opening(tools);
		this.opened++;
		return {
			write: async (batch, signal) => {
				this.tried.push(batch.map(stepOf));
				await this.writing(batch, signal);
				const { judging } = this;
				if (judging === null) {
					this.taken.push(batch.map(stepOf));
					return undefined;
				}
				const verdicts = batch.map((one, index) => judging(stepOf(one), index));
				this.taken.push(batch.map(stepOf).filter((_, index) => verdicts[index] === 'taken'));
				return verdicts;
			},
			close: async () => {
				this.closed++;
			},
		};
	}

	/** All that it has taken. */
	get all(): number[] {
		return this.taken.flat();
	}
}

/** Lets the test decide when something goes on. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
	let open = () => {};
	const opened = new Promise<void>((resolve) => {
		open = resolve;
	});
	return { opened, open };
}
