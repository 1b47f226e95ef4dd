/** Runs the command on files of its own, for each test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { graphCommand } from '../../../src/commands/graph/index.ts';
import type { GraphOptions } from '../../../src/commands/graph/options.ts';
import type { SixelTerminal } from '../../../src/commands/terminal/terminal-answer.ts';
import { makeOrder, randomNumbers, type Slot } from './rrds.ts';

const first = 1_795_000_000 - (1_795_000_000 % 300);

export const now = first + 48 * 300;

export let base: string;

export let folder: string;

interface Run {
	readonly code: number;
	readonly out: string;
	readonly err: string;
}

export async function graph(
	ids: readonly string[],
	options: Partial<GraphOptions> = {},
	terminal: Readonly<Record<string, string>> | null = null,
	askForSixels: () => Promise<SixelTerminal | null> = async () => null,
): Promise<Run> {
	let out = '';
	let err = '';
	const around = {
		probes: builtInProbes,
		stdout: {
			write: (text: string) => {
				out += text;
			},
			isTTY: terminal !== null,
		},
		stderr: {
			write: (text: string) => {
				err += text;
			},
		},
		env: terminal ?? {},
		cwd: () => folder,
		askForSixels,
	};
	const code = await graphCommand(ids, { basedir: base, ...options }, around, now);
	return { code, out, err };
}

/** Four hours: answers, some lost, all lost, not measured. */
export function make(
	id: string,
	pings = 5,
	slotOf: (index: number) => Slot = usual(pings),
	root: 'output' | 'archive' = 'output',
) {
	const slots = Array.from({ length: 48 }, (_, index) => slotOf(index));
	makeOrder(base, { id, root, stepSeconds: 300, pings, firstSeconds: first, slots });
}

export function usual(pings: number): (index: number) => Slot {
	const random = randomNumbers(pings);
	return (index) => {
		if (index >= 30 && index < 34) return null;
		const lost = index >= 10 && index < 14 ? pings : index % 5 === 0 ? Math.floor(pings / 2) : 0;
		return Array.from({ length: pings - lost }, () => 0.02 + 0.01 * random());
	};
}

export const pngSignature = '89504e470d0a1a0a';

/** Width and height, from the header. */
export function pngSize(png: Buffer): [number, number] {
	expect(png.subarray(0, 8).toString('hex')).toBe(pngSignature);
	return [png.readUInt32BE(16), png.readUInt32BE(20)];
}

export function after(args: readonly string[], flag: string): string | undefined {
	return args[args.indexOf(flag) + 1];
}

/** For all tests of the file. Take the variables above only within them. */
export function useGraph(): void {
	beforeEach(() => {
		base = mkdtempSync(join(tmpdir(), 'pingmachine-'));
		folder = mkdtempSync(join(tmpdir(), 'pingmachine-'));
	});
	afterEach(() => {
		vi.unstubAllEnvs();
		for (const path of [base, folder]) rmSync(path, { recursive: true });
	});
}
