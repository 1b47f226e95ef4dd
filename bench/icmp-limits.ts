/** The engine beside what the kernel allows: a program in C that only sends and receives. */
import { execFileSync } from 'node:child_process';
import { makePingEngine, type PingEngine } from '../probes/icmp/engine/engine.ts';
import { type Pace, type PingParts, partsOf, partsOfEngine, requestsOf } from './icmp-parts.ts';
import { compileC, medianOf, microseconds, rounds } from './icmp-tools.ts';

export interface Told {
	readonly told: (result: Record<string, unknown>, line: string) => void;
	readonly figures: Record<string, number>;
}

interface LimitRun {
	/** Pings a second. */
	readonly rate: number;
	/** Seconds a ping. */
	readonly cpu: number;
	readonly parts: PingParts;
}

/** By the program in C: at that pace, or as fast as it goes. `burst`: it wakes up for so many. */
export function runLimit(
	{ targets, pings, rate = 0 }: Partial<Pace> & Pick<Pace, 'targets' | 'pings'>,
	{ isStamping = false, burst = 0, threads = 1 } = {},
): LimitRun {
	const args = [targets, pings, Math.round(rate), isStamping ? 'stamps' : 'plain', burst, threads];
	const said = execFileSync(limitProgram(), args.map(String), { encoding: 'utf8' });
	const { sent, seconds, cpuSeconds, ...calls } = JSON.parse(said);
	const [send, receive] = [calls.sendingSeconds, calls.receivingSeconds];
	const [stamps, sleep] = [calls.stampsSeconds, calls.sleepingSeconds];
	const parts = partsOf({ send, receive, stamps, sleep }, cpuSeconds, sent);
	return { rate: sent / seconds, cpu: cpuSeconds / sent, parts };
}

let compiledLimit: string | undefined;

function limitProgram(): string {
	compiledLimit ??= compileC('icmp-limit');
	return compiledLimit;
}

/** As fast as it goes, with so many threads each. */
export async function againstLimit(threads: number, { told, figures }: Told): Promise<void> {
	const pace: Pace = { targets: 10_000, pings: 10, rate: 0 };
	const found = { limit: [] as LimitRun[], stamping: [] as LimitRun[], ours: [] as EngineRun[] };
	const engine = makePingEngine(threads);
	// Its code is compiled while it runs.
	await runEngine(engine, pace);
	for (let round = 0; round < rounds; round++) {
		found.limit.push(runLimit(pace, { threads }));
		found.stamping.push(runLimit(pace, { threads, isStamping: true }));
		found.ours.push(await runEngine(engine, pace));
	}
	await engine.close();
	const median = (all: readonly EngineRun[], key: 'rate' | 'cpu') => medianOf(all.map((one) => one[key]));
	const rate = median(found.ours, 'rate') / median(found.limit, 'rate');
	const cpu = median(found.ours, 'cpu') / median(found.limit, 'cpu');
	const stamped = {
		rate: median(found.ours, 'rate') / median(found.stamping, 'rate'),
		cpu: median(found.ours, 'cpu') / median(found.stamping, 'cpu'),
	};
	const who = threads === 1 ? '' : `, ${threads} threads`;
	figures[`as fast as it goes${who}: CPU to the limit's`] = cpu;
	figures[`as fast as it goes${who}: the limit's rate to ours`] = 1 / rate;
	told(
		{ limit: true, threads, rate, cpu, stamped },
		`as fast as it goes${who}: ${Math.round(median(found.ours, 'rate'))} pings a second to the limit's ${Math.round(median(found.limit, 'rate'))}: ${rate.toFixed(2)} (limit 0.8); ` +
			`CPU per ping ${microseconds(median(found.ours, 'cpu'))} to ${microseconds(median(found.limit, 'cpu'))}: ${cpu.toFixed(2)} (limit 1.4); ` +
			`to the limit with time stamps of the kernel: ${stamped.rate.toFixed(2)} and ${stamped.cpu.toFixed(2)}`,
	);
}

type EngineRun = Pick<LimitRun, 'rate' | 'cpu'>;

/** The engine alone, as fast as it goes. */
async function runEngine(engine: PingEngine, pace: Pace): Promise<EngineRun> {
	const alive = setInterval(() => {}, 1000);
	const before = process.cpuUsage();
	const jobs = [...requestsOf(pace)].map((request) => engine.ping(request, new AbortController().signal));
	const done = (await Promise.all(jobs)).filter((one) => 'rttSeconds' in one);
	const { user, system } = process.cpuUsage(before);
	clearInterval(alive);
	let [first, last] = [Number.POSITIVE_INFINITY, 0];
	for (const { sentAtSeconds } of done) {
		for (const at of sentAtSeconds) {
			first = Math.min(first, at);
			last = Math.max(last, at);
		}
	}
	const answered = done.reduce((sum, one) => sum + one.rttSeconds.filter((rtt) => rtt > 0).length, 0);
	const wanted = pace.targets * pace.pings;
	if (answered !== wanted) throw new Error(`of ${wanted} pings ${answered} were answered`);
	return { rate: answered / (last - first), cpu: (user + system) / 1e6 / answered };
}

/** That of 10,000 orders with 5 pings and a step of 60 s. */
const minutePace: Pace = { targets: 10_000, pings: 1, rate: 1042 };
const minuteBurst = 8;

/** Where each microsecond of a ping goes, beside C: at the pace of 10,000 orders, and as fast as it goes. */
export function tellParts({ told, figures }: Told): void {
	const fast: Pace = { targets: 5000, pings: 20, rate: 0 };
	partsOfEngine(fast);
	const cases = [
		['as fast as it goes', fast, 0],
		['10,000 orders a minute, 8 at a time', minutePace, minuteBurst],
	] as const;
	for (const [name, pace, burst] of cases) {
		const ours = partsOfEngine(pace);
		const limit = runLimit(pace, { isStamping: true, burst }).parts;
		figures[`${name}: us a ping`] = ours.all;
		figures[`${name}: to C`] = ours.all / limit.all;
		told({ parts: name, ours, limit }, `${name}: us a ping\n  engine ${line(ours)}\n  in C   ${line(limit)}`);
	}
}

function line(parts: PingParts): string {
	const names: Readonly<Record<keyof PingParts, string>> = {
		send: 'send',
		receive: 'receive',
		stamps: 'read stamps',
		sleep: 'sleep and wake',
		own: 'own code',
		all: 'all',
	};
	return Object.entries(parts)
		.map(([part, value]) => `${names[part as keyof PingParts]} ${value.toFixed(1)}`)
		.join(', ');
}
