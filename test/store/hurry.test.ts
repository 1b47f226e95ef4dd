import { expect, test } from 'vitest';
import { Hurry } from '../../src/store/hurry.ts';
import type { StoreRequest } from '../../src/store/messages.ts';

const enrol = (id: string): StoreRequest => ({
	verb: 'enrol',
	order: { id, stepSeconds: 60, pings: 2, rrdTemplate: null },
	atSeconds: 0,
	place: null,
});
const archive = (id: string): StoreRequest => ({ verb: 'archive', id });
const record = (...ids: string[]): StoreRequest => ({ verb: 'record', ids, packed: ids.map(() => '') });

function wordsOf(request: StoreRequest): string {
	if (request.verb === 'enrol') return `enrol ${request.order.id}`;
	if (request.verb === 'record') return `record ${request.ids.join(' ')}`;
	return 'id' in request ? `${request.verb} ${request.id}` : request.verb;
}

test('results come first, each after what was asked for its order before, and changes at the end', () => {
	const done: string[] = [];
	const hurry = new Hurry((request) => done.push(wordsOf(request)));
	for (const request of [
		...[archive('a'), enrol('b'), archive('c'), enrol('c'), record('x'), record('c', 'y'), archive('c')],
	])
		hurry.take(request);
	expect(done).toEqual(['record x', 'archive c', 'enrol c', 'record c y']);
	expect(hurry.count).toBe(3);
	hurry.take({ verb: 'flush', token: 1 });
	expect(done.slice(4)).toEqual(['archive a', 'enrol b', 'archive c', 'flush']);
	expect(hurry.count).toBe(0);
});
