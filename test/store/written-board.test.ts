/** What the store has written, as the main thread sees it. */
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { BoardWriter, type Written, WrittenBoard } from '../../src/store/written-board.ts';

const result = (time: number) => ({
	...{ time, updated: time + 60, step: 60, pings: 5, loss: 1 },
	...{ min: 0.001, median: null, max: 0.5 },
});

function given(board: WrittenBoard, id: string) {
	const place = board.give(id);
	if (place === null) throw new Error('there is no place');
	return place;
}

test('what is written of an order is read, and nothing before the store has come to it', () => {
	const board = new WrittenBoard();
	const writer = new BoardWriter(board.shared);
	const place = given(board, 'a');
	expect(board.read('a')).toBeNull();
	expect(board.give('a')).toEqual(place);
	writer.begin(place);
	expect(board.read('a')).toEqual({ result: null, isClean: false });
	writer.setClean(place, true);
	writer.setResult(place, result(1_796_089_980));
	expect(board.read('a')).toEqual({ result: result(1_796_089_980), isClean: true });
	writer.setClean(place, false);
	expect(board.read('a')).toMatchObject({ isClean: false });
	writer.begin(place);
	expect(board.read('a')).toEqual({ result: null, isClean: false });
});

test('of an order that had the row before, nothing is told and nothing is written any more', () => {
	const board = new WrittenBoard();
	const writer = new BoardWriter(board.shared);
	const before = given(board, 'before');
	writer.begin(before);
	writer.setResult(before, result(1));
	board.takeBack('before');
	const place = given(board, 'a');
	expect(place.row).toBe(before.row);
	// The store still has work for the one before.
	writer.setResult(before, result(2));
	expect(board.read('a')).toBeNull();
	writer.begin(place);
	writer.setResult(before, result(3));
	writer.setClean(before, true);
	expect(board.read('a')).toEqual({ result: null, isClean: false });
});

test('it grows, also for a thread that has had it from the beginning, and rows are never half read', async () => {
	const board = new WrittenBoard();
	const module = new URL('../../dist/src/store/written-board.js', import.meta.url).href;
	const script = `
const { parentPort, workerData } = require('node:worker_threads');
import(${JSON.stringify(module)}).then(({ BoardWriter }) => {
	const writer = new BoardWriter(workerData.shared);
	parentPort.on('message', (place) => {
		writer.begin(place);
		for (let n = 1; n <= 200000; n++)
			writer.setResult(place, { time: n, updated: n, step: n, pings: n, loss: n, min: n, median: n, max: n });
		parentPort.postMessage('done');
	});
	parentPort.postMessage('ready');
});`;
	const worker = new Worker(script, { eval: true, workerData: { shared: board.shared } });
	const said = () => new Promise((resolve) => worker.once('message', resolve));
	await said();
	const places = Array.from({ length: 5000 }, (_, n) => given(board, `${n}`));
	const last = places.at(-1);
	let isDone = false;
	worker.postMessage(last);
	void said().then(() => {
		isDone = true;
	});
	const seen = new Set<number>();
	while (!isDone) {
		for (let n = 0; n < 1000; n++) {
			const { result: read = null } = board.read('4999') ?? ({} as Partial<Written>);
			if (read === null) continue;
			expect(new Set(Object.values(read)).size).toBe(1);
			seen.add(read.time);
		}
		await new Promise((resolve) => setImmediate(resolve));
	}
	expect(seen.size).toBeGreaterThan(1);
	expect(board.read('4999')).toMatchObject({ result: { time: 200_000 } });
	await worker.terminate();
});

test('of an order that has the row of another, never what was written of that one is told', async () => {
	const board = new WrittenBoard();
	const turns = new Int32Array(new SharedArrayBuffer(16));
	const module = new URL('../../dist/src/store/written-board.js', import.meta.url).href;
	const script = `
const { workerData: { shared, turns } } = require('node:worker_threads');
import(${JSON.stringify(module)}).then(({ BoardWriter }) => {
	const writer = new BoardWriter(shared);
	for (let round = 1; ; round++) {
		// Awake, as a thread that has much to do.
		for (let looks = 0; Atomics.load(turns, 0) < round; looks++) if (looks > 1e5) Atomics.wait(turns, 0, round - 1, 1);
		const [, row, key] = turns;
		if (row < 0) break;
		const place = { row, key };
		writer.begin(place);
		writer.setResult(place, { time: key, updated: key, step: 1, pings: 1, loss: 0, min: 1, median: 1, max: 1 });
		Atomics.store(turns, 3, round);
	}
});`;
	const worker = new Worker(script, { eval: true, workerData: { shared: board.shared, turns } });
	const ended = new Promise((resolve) => worker.once('exit', resolve));
	const next = (row: number, key: number) => {
		turns[1] = row;
		turns[2] = key;
		Atomics.add(turns, 0, 1);
		Atomics.notify(turns, 0);
	};
	const wrong: unknown[] = [];
	for (let round = 1; round <= 20_000; round++) {
		const place = given(board, `${round}`);
		next(place.row, place.key);
		while (Atomics.load(turns, 3) !== round) {
			const { result: read = null } = board.read(`${round}`) ?? ({} as Partial<Written>);
			if (read !== null && read.time !== place.key) wrong.push({ place, read });
		}
		expect(board.read(`${round}`)).toMatchObject({ result: { time: place.key } });
		board.takeBack(`${round}`);
	}
	next(-1, 0);
	await ended;
	expect(wrong).toEqual([]);
});
