import { uptime } from 'node:os';
import type { Clock } from '../model/clock.ts';
import type { Why } from './outcome-maker.ts';

/** What tells where time went. Milliseconds throughout. */
export interface TimeSources {
	/** How long the machine has been up, also asleep. */
	sinceBootMs(): number;
	/** How long all threads of this process have computed. */
	cpuMs(): number;
}

const systemSources: TimeSources = {
	sinceBootMs: () => uptime() * 1000,
	cpuMs: () => {
		const { user, system } = process.cpuUsage();
		return (user + system) / 1000;
	},
};

interface Reading extends Record<'wallMs' | 'monotonicMs' | 'sinceBootMs' | 'cpuMs', number> {}

/** Some time in which nothing could be started. By the wall clock, as it was before and after. */
interface Loss {
	readonly fromMs: number;
	readonly toMs: number;
	readonly why: Why;
}

/** Looks may be so far apart without anything being wrong, and so much later still. */
const apartMs = 1000;
const tolerableMs = 500;
/** Slots may be long, and their turn late in them: so many losses are remembered. */
const rememberedMost = 100;

/** Knows why slots went by unmeasured: the machine slept, its clock was set, or this process was held up. */
export class LostTime {
	readonly #clock: Clock;
	readonly #sources: TimeSources;
	#last: Reading | null = null;
	#losses: Loss[] = [];

	constructor(clock: Clock, sources = systemSources) {
		this.#clock = clock;
		this.#sources = sources;
	}

	/** To be called at least once a second. */
	look(): void {
		const before = this.#last;
		const now = this.#read();
		this.#last = now;
		if (before === null) return;
		const why = whatHappened(before, now);
		if (why === null) return;
		const [fromMs, toMs] = [before.wallMs, now.wallMs].sort((a, b) => a - b) as [number, number];
		this.#losses = [...this.#losses, { fromMs, toMs, why }].slice(-rememberedMost);
	}

	/** Why no job was started in that time, milliseconds since the epoch: the longest of the reasons there were. */
	why(fromMs: number, toMs: number): Why {
		const overlap = (loss: Loss) => Math.min(loss.toMs, toMs) - Math.max(loss.fromMs, fromMs);
		const [longest] = this.#losses
			.filter((loss) => overlap(loss) >= 0)
			.sort((a, b) => overlap(b) - overlap(a));
		return longest?.why ?? { code: 'overrun', reason: 'no job was started in time, and it is not known why' };
	}

	#read(): Reading {
		return {
			wallMs: this.#clock.wallMs(),
			monotonicMs: this.#clock.monotonicMs(),
			sinceBootMs: this.#sources.sinceBootMs(),
			cpuMs: this.#sources.cpuMs(),
		};
	}
}

/** Null when nothing worth telling. */
function whatHappened(before: Reading, now: Reading): Why | null {
	const passed = (clock: keyof Reading) => now[clock] - before[clock];
	const sleptMs = passed('sinceBootMs') - passed('monotonicMs');
	const setMs = passed('wallMs') - Math.max(passed('sinceBootMs'), passed('monotonicMs'));
	const heldUpMs = passed('monotonicMs') - apartMs;
	const most = Math.max(sleptMs, Math.abs(setMs), heldUpMs);
	if (most < tolerableMs) return null;
	if (most === sleptMs) return { code: 'clock', reason: `the machine slept for ${inSeconds(sleptMs)}` };
	if (most === heldUpMs) return { code: 'overrun', reason: heldUp(heldUpMs, passed('cpuMs')) };
	const way = setMs > 0 ? 'ahead' : 'back';
	return { code: 'clock', reason: `the clock was set ${way} by ${inSeconds(Math.abs(setMs))}` };
}

function heldUp(ms: number, cpuMs: number): string {
	const waited = 'it was stopped, had no processor, or waited for a file system';
	const why = cpuMs < ms / 2 ? waited : `it computed for ${inSeconds(cpuMs)} of that, in all threads`;
	return `pingmachine itself was held up for ${inSeconds(ms)}: ${why}`;
}

function inSeconds(ms: number): string {
	return `${ms < 10_000 ? (ms / 1000).toFixed(1) : Math.round(ms / 1000)} s`;
}
