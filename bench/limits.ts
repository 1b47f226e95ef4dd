/** What a minute of so many orders must take: programs in C that do what cannot be avoided, and nothing else. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLimit } from './icmp-limits.ts';
import { compileC } from './icmp-tools.ts';

/** Seconds of CPU a minute. */
export interface Limits {
	/** Pings at the same pace, 8 at a time, stamped by the kernel. */
	readonly pings: number;
	/** A row of an RRD and one exchange of names for each order. */
	readonly files: number;
}

/** Part of a slot over which pings are spread. */
const sendingShare = 0.8;
const burst = 8;
const fileRounds = 3;
/** Files larger than what is written would change nothing. */
const rrdBytes = 16_384;
const resultBytes = 140;

export function limitsOf(orders: number, stepSeconds: number, pings: number): Limits {
	const perMinute = (orders * 60) / stepSeconds;
	const rate = (orders * pings) / (stepSeconds * sendingShare);
	const limit = runLimit({ targets: orders, pings: 1, rate }, { isStamping: true, burst });
	return { pings: limit.cpu * perMinute * pings, files: filesLimit(orders) * (perMinute / orders) };
}

/** Of all orders, once. */
function filesLimit(orders: number): number {
	const folder = mkdtempSync(join(tmpdir(), 'pingmachine-bench-'));
	try {
		for (let order = 0; order < orders; order++) {
			mkdirSync(join(folder, String(order)));
			writeFileSync(join(folder, String(order), 'main.rrd'), Buffer.alloc(rrdBytes));
			for (const name of ['last_result', '.last_result'])
				writeFileSync(join(folder, String(order), name), Buffer.alloc(resultBytes));
		}
		const args = [folder, String(orders), String(fileRounds)];
		return JSON.parse(execFileSync(compileC('files-limit'), args, { encoding: 'utf8' })).cpuSeconds;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
