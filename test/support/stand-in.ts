import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a program prints. */
export interface Printed {
	readonly stdout?: string;
	readonly stderr?: string;
}

/** What the stand-in does, in this order. */
export interface Part {
	/** Reads its standard input to the end first, as fping does. */
	readonly first?: Printed;
	/** Waits so long, and then prints the rest. */
	readonly pauseSeconds?: number;
	readonly later?: Printed;
	/** Then prints so many MB of noise on standard output, or on standard error. */
	readonly noiseMb?: number;
	readonly noiseOn?: 'stdout' | 'stderr';
	/** Goes on until it is interrupted, and prints this then. Null: does not listen. */
	readonly whenInterrupted?: Printed | null;
	/** How it ends; by default with 0. */
	readonly exitCode?: number;
	readonly diesOf?: 'KILL' | 'SEGV' | 'TERM';
}

/** Programs that stand in for those that cannot be had here, or not made to fail. Call `remove` when done. */
export class StandIns {
	readonly #folder = mkdtempSync(join(tmpdir(), 'pingmachine-stand-in-'));
	#programs = 0;

	/** Makes a program that plays a part, whatever its arguments. */
	program(part: Part): StandIn {
		const path = join(this.#folder, `program${this.#programs++}`);
		const lines = ['#!/bin/sh', `echo "$@" > ${path}.args`, `cat > ${path}.input`];
		const print = (name: string, { stdout, stderr }: Printed = {}) => {
			for (const [text, redirect] of [
				[stdout, ''],
				[stderr, ' >&2'],
			] as const) {
				if (text === undefined) continue;
				writeFileSync(`${path}.${name}`, text, 'latin1');
				lines.push(`cat ${path}.${name}${redirect}`);
			}
		};
		const { whenInterrupted, exitCode = 0 } = part;
		if (whenInterrupted === null) lines.push(`trap '' INT`);
		print('first', part.first);
		if (part.pauseSeconds !== undefined) lines.push(`sleep ${part.pauseSeconds}`);
		print('later', part.later);
		if (part.noiseMb !== undefined) {
			const redirect = part.noiseOn === 'stderr' ? ' >&2' : '';
			lines.push(`head -c ${part.noiseMb}000000 /dev/zero | tr '\\0' x${redirect}`);
		}
		if (whenInterrupted !== undefined) {
			if (whenInterrupted !== null) lines.push(`interrupted() {`, ':');
			print('interrupted', whenInterrupted ?? {});
			if (whenInterrupted !== null) lines.push(`exit ${exitCode}; }`, 'trap interrupted INT');
			lines.push(`: > ${path}.ready`, 'while :; do sleep 0.05 > /dev/null 2>&1; done');
		}
		if (part.diesOf !== undefined) lines.push(`kill -${part.diesOf} $$`, 'sleep 5');
		lines.push(`exit ${exitCode}`);
		writeFileSync(path, `${lines.join('\n')}\n`);
		chmodSync(path, 0o755);
		return {
			path,
			waits: () => existsSync(`${path}.ready`),
		};
	}

	remove(): void {
		rmSync(this.#folder, { recursive: true, force: true });
	}
}

export interface StandIn {
	readonly path: string;
	/** Whether it has printed what it had and waits to be interrupted. */
	waits(): boolean;
}

/** Milliseconds, null for no answer; how a program writes them that was asked to ping the target so often. */
export type Format = (target: string, rttsMs: readonly (number | null)[]) => Printed;

/** fping, and those that print as it does, on standard error. */
export const rows: Format = (target, rttsMs) => ({
	stderr: `${target} : ${rttsMs.map((ms) => ms ?? '-').join(' ')}\n`,
});

/** `scion ping --format json`, of which this is written after the source; see fixtures/probes/sping. */
export const scionJson: Format = (target, rttsMs) => {
	const replies = rttsMs.flatMap((ms, seq) =>
		ms === null
			? []
			: [{ scion_packet_size: 92, source: target, scmp_seq: seq, round_trip_time: ms, state: 'success' }],
	);
	const received = replies.length;
	const output = {
		path: {
			fingerprint: 'a7d3e1',
			hops: [
				{ interface: 1, isd_as: '1-ff00:0:111' },
				{ interface: 41, isd_as: '1-ff00:0:110' },
			],
			sequence: '1-ff00:0:111#0,1 1-ff00:0:110#41,0',
			local_ip: '192.0.2.7',
			next_hop: '192.0.2.1:30042',
		},
		payload_size: 8,
		scion_packet_size: 92,
		replies: received === 0 ? null : replies,
		statistics: {
			sent: rttsMs.length,
			received,
			packet_loss: rttsMs.length === 0 ? 0 : 100 - Math.floor((received * 100) / rttsMs.length),
			time: 600_000,
			min_rtt: 0,
			avg_rtt: 0,
			max_rtt: 0,
			mdev_rtt: 0,
		},
	};
	return { stdout: `${JSON.stringify(output, null, 2)}\n` };
};

/** httping 2.5, as in fixtures/probes/httping. */
export const httpingLines: Format = (target, rttsMs) => {
	const received = rttsMs.filter((ms) => ms !== null).length;
	const lines = rttsMs.map((ms, seq) =>
		ms === null
			? 'could not connect (Connection refused)'
			: `connected to 127.0.0.1:1 (79 bytes), seq=${seq} time=${ms.toFixed(2).padStart(6)} ms `,
	);
	const failed = rttsMs.length === 0 ? 100 : 100 - (received * 100) / rttsMs.length;
	const end = `${rttsMs.length} connects, ${received} ok, ${failed.toFixed(2)}% failed, time 900ms`;
	return {
		stdout: `PING 127.0.0.1:1 (/):\n${lines.join('\n')}\n--- ${target} ping statistics ---\n${end}\n`,
	};
};
