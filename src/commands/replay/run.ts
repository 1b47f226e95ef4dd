import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Config, ConfigError, loadConfig } from '../../config/config.ts';
import { usualConfigFile } from '../../config/known-probes.ts';
import { loadSinks } from '../../config/sink-module.ts';
import { createLog } from '../../host/log.ts';
import { version } from '../../host/version.ts';
import { excerpt, printable } from '../../model/printable.ts';
import { factTableOf, type ProbeTable } from '../../model/probe.ts';
import type { SinkTable } from '../../model/sink.ts';
import { timeForms, timePoint } from '../../model/time-point.ts';
import { orderPattern } from '../../orders/selector.ts';
import { loginOf } from '../../pops/kafka/login.ts';
import { resultJson } from '../../pops/kafka/result-json.ts';
import { type ReadMessage, TopicReader } from '../../pops/kafka/topic-reader.ts';
import { popHeader, resultsTopics } from '../../pops/kafka/topics.ts';
import { kafkaTrouble } from '../../pops/kafka/trouble.ts';
import { builtInSinks } from '../../sinks/index.ts';
import { intoSink } from './into-sink.ts';
import { intoTree, type Target } from './into-tree.ts';
import { Taken } from './taken.ts';

export interface ReplayOptions {
	readonly from: string;
	readonly to: string;
	readonly orders: string;
	readonly into?: string;
	readonly sink?: string;
	readonly topic?: readonly string[];
	readonly config?: string;
}

interface Streams {
	readonly stdout: { write(text: string): unknown };
	readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
}

type Kafka = NonNullable<NonNullable<Config['hub']>['kafka']>;

/** Resolves with the exit code. Never rejects for what the user can mend. */
export async function replay(options: ReplayOptions, probes: ProbeTable, streams: Streams): Promise<0 | 1> {
	const end = new AbortController();
	const stop = () => end.abort();
	const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
	for (const signal of signals) process.on(signal, stop);
	try {
		return await replayAll(options, probes, streams, end.signal);
	} catch (error) {
		const lines = error instanceof ConfigError ? error.lines : [(error as Error).message];
		streams.stderr.write(lines.map((line) => `pingmachine replay: ${printable(line)}\n`).join(''));
		return 1;
	} finally {
		for (const signal of signals) process.off(signal, stop);
	}
}

async function replayAll(
	options: ReplayOptions,
	probes: ProbeTable,
	{ stdout, stderr }: Streams,
	signal: AbortSignal,
): Promise<0 | 1> {
	const wish = wishOf(options);
	const { config, sinks } = await configOf(options.config, probes);
	const kafka = config.hub?.kafka ?? null;
	if (kafka === null)
		throw new Error('the config names no brokers. Write hub: {kafka: {brokers: ...}} into it');
	const topics = options.topic ?? (await topicsOf(kafka));
	const taken = new Taken(wish);
	const target = await targetOf(options, { config, sinks, probes, taken, signal, stderr });
	let troubles: readonly string[] = [];
	let problem: string | null = null;
	try {
		const progress = new Progress(stderr, taken);
		problem = await readTopics(
			{ kafka, topics, taken, target, progress, fromSeconds: wish.fromSeconds },
			signal,
		);
	} finally {
		troubles = await target.close();
	}
	const { tally, folders } = taken;
	const beside = [
		...(tally.doubled > 0 ? [`${tally.doubled} were there already`] : []),
		...(tally.others > 0 ? [`${tally.others} are of other orders or times`] : []),
		...(tally.broken > 0 ? [`${tally.broken} were not understood`] : []),
	];
	const rest = beside.length === 0 ? '' : `; ${beside.join(', ')}`;
	stdout.write(
		`${tally.taken} results of ${folders} orders and places into ${printable(target.name)}${rest}\n`,
	);
	const wrong = [...(problem === null ? [] : [problem]), ...troubles];
	if (signal.aborted) wrong.push('it was interrupted. Run it again: it goes on');
	for (const line of wrong) stderr.write(`pingmachine replay: ${printable(line)}\n`);
	return wrong.length === 0 ? 0 : 1;
}

function wishOf({ from, to, orders, into, sink }: ReplayOptions) {
	const nowSeconds = Math.floor(Date.now() / 1000);
	const timeOf = (option: string, text: string) => {
		const seconds = timePoint(text, nowSeconds);
		if (seconds === null) throw new Error(`${option}: must be ${timeForms}, not ${excerpt(text)}`);
		return seconds;
	};
	const wish = { fromSeconds: timeOf('--from', from), toSeconds: timeOf('--to', to) };
	if (wish.fromSeconds >= wish.toSeconds) throw new Error('--to: must be later than --from');
	if ((into === undefined) === (sink === undefined))
		throw new Error('say where results are to go: --into DIR or --sink NAME, one of them');
	return { ...wish, orders: orderPattern(orders) };
}

async function configOf(
	file: string | undefined,
	probes: ProbeTable,
): Promise<{ readonly config: Config; readonly sinks: SinkTable }> {
	const path = file ?? (existsSync(usualConfigFile) ? usualConfigFile : undefined);
	const { sinks, faults } = await loadSinks(path, builtInSinks);
	if (faults.length > 0) throw new ConfigError(faults);
	return { config: loadConfig({ file: path, flags: {}, probes, sinks }), sinks };
}

async function topicsOf(kafka: Kafka): Promise<readonly string[]> {
	let topics: readonly string[];
	try {
		topics = await resultsTopics(kafka);
	} catch (error) {
		throw new Error(kafkaTrouble(error, kafka.brokers, [`${kafka.prefix}.results`]), { cause: error });
	}
	if (topics.length > 0) return topics;
	throw new Error(
		`there is no topic ${kafka.prefix}.results or ${kafka.prefix}.results.POP. Name one with --topic, or correct prefix:`,
	);
}

async function targetOf(
	{ into, sink }: ReplayOptions,
	parts: {
		readonly config: Config;
		readonly sinks: SinkTable;
		readonly probes: ProbeTable;
		readonly taken: Taken;
		readonly signal: AbortSignal;
		readonly stderr: Streams['stderr'];
	},
): Promise<Target> {
	const { config, sinks, probes, taken, signal, stderr } = parts;
	const facts = factTableOf(probes);
	if (into !== undefined) {
		const problem = (message: string) => stderr.write(`pingmachine replay: ${printable(message)}\n`);
		return intoTree(resolve(into), { rrdTemplate: config.rrdTemplate, facts, taken, problem });
	}
	const entry = config.sinks.find(({ name }) => name === sink);
	if (entry === undefined) {
		const names = config.sinks.map(({ name }) => name).join(', ');
		throw new Error(
			`--sink: no sink is called ${excerpt(sink ?? '')}; there are: ${names === '' ? 'none' : names}`,
		);
	}
	const log = createLog({ level: 'warn', format: 'text' });
	return intoSink(entry, { sinks, version, facts, log }, { taken, signal });
}

interface Reading {
	readonly kafka: Kafka;
	readonly topics: readonly string[];
	readonly taken: Taken;
	readonly target: Target;
	readonly progress: Progress;
	readonly fromSeconds: number;
}

/** Resolves when all has been read that is there now, with null, or with why it cannot be read. */
async function readTopics(
	{ kafka, topics, taken, target, progress, fromSeconds }: Reading,
	signal: AbortSignal,
): Promise<string | null> {
	const { brokers, prefix, login } = kafka;
	let settle: (problem: string | null) => void = () => {};
	const over = new Promise<string | null>((done) => {
		settle = done;
	});
	let hasRead = false;
	const reader = new TopicReader({
		...{ brokers, topics, group: `${prefix}.replay.${randomUUID()}`, from: { sinceMs: fromSeconds * 1000 } },
		login: () => loginOf(login),
		take: async (messages) => {
			hasRead = true;
			const outcomes = messages.flatMap((message) => {
				const json = message.value === null ? null : resultJson(message.value);
				return taken.read(json, writerOf(message, prefix)) ?? [];
			});
			await target.take(outcomes);
			progress.tell(messages.length, reader.left);
		},
		// What cannot be read at the start will not be read later; on the way it is tried again.
		told: (problem) => {
			if (problem !== null && !hasRead) settle(problem);
		},
		caughtUp: () => settle(null),
	});
	const stop = () => settle(null);
	signal.addEventListener('abort', stop);
	reader.start();
	try {
		return await over;
	} finally {
		signal.removeEventListener('abort', stop);
		await reader.close();
		progress.end();
	}
}

/** By its topic, or by what it says in a topic for all; undefined: by what the result says. */
function writerOf({ topic, headers }: ReadMessage, prefix: string): string | undefined {
	const own = `${prefix}.results.`;
	return topic.startsWith(own) ? topic.slice(own.length) : headers[popHeader];
}

const tellMs = 1000;

/** How far it is, where somebody looks at it. */
class Progress {
	readonly #stderr: Streams['stderr'];
	readonly #taken: Taken;
	#read = 0;
	#toldMs = 0;

	constructor(stderr: Streams['stderr'], taken: Taken) {
		this.#stderr = stderr;
		this.#taken = taken;
	}

	tell(messages: number, left: number): void {
		this.#read += messages;
		const nowMs = performance.now();
		if (this.#stderr.isTTY !== true || nowMs - this.#toldMs < tellMs) return;
		this.#toldMs = nowMs;
		const percent = Math.floor((100 * this.#read) / Math.max(1, this.#read + left));
		this.#stderr.write(
			`\r${this.#read} messages read (${percent} %), ${this.#taken.tally.taken} results taken \x1b[K`,
		);
	}

	end(): void {
		if (this.#toldMs > 0) this.#stderr.write('\r\x1b[K');
	}
}
