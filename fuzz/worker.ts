/** Feeds one target in a thread of its own, which may crash or never come back: the main thread watches it. */

import { parentPort, workerData } from 'node:worker_threads';
import fc from 'fast-check';
import { targets } from './index.ts';
import { mutate, randomFrom } from './mutate.ts';
import { type Sample, SharedInput } from './shared-input.ts';
import { type FuzzTarget, seedsOf } from './target.ts';

export interface FuzzWork {
	readonly targetName: string;
	readonly seed: number;
	/** Milliseconds of mutations after the seeds; 0: the seeds alone. */
	readonly durationMs: number;
	readonly shared: SharedArrayBuffer;
}

export type FuzzReport =
	| { readonly about: 'crash'; readonly input: Uint8Array; readonly from: string; readonly stack: string }
	| { readonly about: 'done'; readonly runs: number; readonly kinds: number };

/** Longer inputs are cut: that they are long is found out by a few of them. Bytes. */
const maxBytes = 256 * 1024;
/** So many of one kind are kept to be changed further: the shortest. */
const corpusMax = 4000;
/** In how many runs one is of the well-made kind. */
const wellMadeEvery = 10;

const work = workerData as FuzzWork;
const target = targets.find(({ name }) => name === work.targetName) as FuzzTarget;
const input = new SharedInput(work.shared);
const kinds = new Set<string>();
const corpus: Buffer[] = [];
const crashes = new Set<string>();
let runs = 0;

function report(one: FuzzReport): void {
	parentPort?.postMessage(one);
}

function feed({ bytes, from }: Sample): void {
	runs++;
	input.begin({ bytes, from });
	try {
		// A copy: what changes its input must not spoil the corpus.
		const kind = target.run(Buffer.from(bytes));
		if (!kinds.has(kind) && corpus.length < corpusMax) {
			kinds.add(kind);
			corpus.push(bytes);
		}
	} catch (error) {
		tell(bytes, from, error);
	}
	input.end();
}

/** One crash of a kind will do. */
function tell(bytes: Buffer, from: string, error: unknown): void {
	const kind = kindOfCrash(error);
	if (crashes.has(kind)) return;
	crashes.add(kind);
	report({ about: 'crash', input: shortened(bytes, kind), from, stack: stackOf(error) });
}

function stackOf(error: unknown): string {
	return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function kindOfCrash(error: unknown): string {
	const places = stackOf(error).match(/\n +at [^\n]*/g) ?? [];
	return `${error instanceof Error ? error.name : typeof error}${places.slice(0, 2).join('')}`;
}

const shortenMs = 2000;

/** Leaves out what is not needed for the same crash. */
function shortened(bytes: Buffer, kind: string): Buffer {
	const endMs = performance.now() + shortenMs;
	let best = bytes;
	for (let part = Math.ceil(bytes.length / 2); part >= 1; part = Math.floor(part / 2)) {
		for (let at = 0; at < best.length && performance.now() < endMs; ) {
			const shorter = Buffer.concat([best.subarray(0, at), best.subarray(at + part)]);
			if (crashOf(shorter) === kind) best = shorter;
			else at += part;
		}
	}
	return best;
}

function crashOf(bytes: Buffer): string | null {
	input.begin({ bytes, from: 'shortened' });
	try {
		target.run(Buffer.from(bytes));
		return null;
	} catch (error) {
		return kindOfCrash(error);
	} finally {
		input.end();
	}
}

const seeds = seedsOf(target);
for (const [from, bytes] of seeds) feed({ bytes, from });
for (const bytes of seeds.values()) if (corpus.length < corpusMax) corpus.push(bytes);

const random = randomFrom(work.seed);
const endMs = performance.now() + work.durationMs;
let wellMade: string[] = [];
while (performance.now() < endMs) {
	if (target.wellMade !== undefined && runs % wellMadeEvery === 0) {
		if (wellMade.length === 0)
			wellMade = fc.sample(target.wellMade, { numRuns: 100, seed: work.seed + runs });
		feed({ bytes: Buffer.from(wellMade.pop() ?? ''), from: 'fast-check' });
		continue;
	}
	const parent = corpus[Math.floor(random() * corpus.length)] ?? Buffer.alloc(0);
	feed({ bytes: mutate(parent, { random, corpus, words: target.words ?? [], maxBytes }), from: 'mutated' });
}
report({ about: 'done', runs, kinds: kinds.size });
