import type { ProbeResults, TargetResult } from '../../src/model/probe.ts';

/** What came of a target, or what makes it of what a thread has handed over. */
export type MadeWhenAsked = TargetResult | (() => TargetResult);

/** Results of many targets that are made when they are asked for, each time: nothing has to keep all of them at once. */
export class ResultsWhenAsked implements ProbeResults {
	readonly #byTarget: ReadonlyMap<string, MadeWhenAsked>;

	constructor(byTarget: ReadonlyMap<string, MadeWhenAsked>) {
		this.#byTarget = byTarget;
	}

	get size(): number {
		return this.#byTarget.size;
	}

	has(target: string): boolean {
		return this.#byTarget.has(target);
	}

	get(target: string): TargetResult | undefined {
		const result = this.#byTarget.get(target);
		return result === undefined ? undefined : made(result);
	}

	keys(): MapIterator<string> {
		return this.#byTarget.keys();
	}

	*entries(): MapIterator<[string, TargetResult]> {
		for (const [target, result] of this.#byTarget) yield [target, made(result)];
	}

	*values(): MapIterator<TargetResult> {
		for (const [, result] of this.entries()) yield result;
	}

	[Symbol.iterator](): MapIterator<[string, TargetResult]> {
		return this.entries();
	}

	forEach(action: (result: TargetResult, target: string, results: ProbeResults) => void): void {
		for (const [target, result] of this.entries()) action(result, target, this);
	}
}

function made(result: MadeWhenAsked): TargetResult {
	return typeof result === 'function' ? result() : result;
}
