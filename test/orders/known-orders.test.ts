/** Who asks whether all is known is told so only when it is. */
import {
	mkdirSync,
	mkdtempSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SystemClock } from '../../src/model/clock.ts';
import { caughtUp } from '../../src/orders/known-orders.ts';
import type { OrderFileSeen } from '../../src/orders/seen.ts';
import { OrdersWatcher } from '../../src/orders/watcher.ts';
import { FakeLog } from '../support/fake-log.ts';
import { waitFor } from '../support/waiting.ts';

let folder: string;
let root: string;
let watcher: OrdersWatcher;
const seen = new Map<string, OrderFileSeen>();

beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-known-'));
	root = join(folder, 'orders');
	mkdirSync(join(root, 'deep'), { recursive: true });
	seen.clear();
	let scans = 0;
	watcher = new OrdersWatcher({
		root,
		log: new FakeLog(),
		listener: {
			changed: (file) => seen.set(file.id, file),
			removed: (id) => seen.delete(id),
			scanned: () => scans++,
		},
	});
	watcher.start();
	await waitFor(
		() => scans > 0,
		() => 'no scan',
	);
});
afterEach(() => {
	watcher.stop();
	rmSync(folder, { recursive: true });
});

test('what was done before it was asked is known', async () => {
	const { dev, ino } = statSync(root);
	for (let round = 0; round < 20; round++) {
		const [one, other] = [`one${round}`, `deep/other${round}`];
		writeFileSync(join(root, one), 'x');
		mkdirSync(join(root, `new${round}/deeper`), { recursive: true });
		writeFileSync(join(root, `new${round}/deeper/x`), 'x');
		expect(await caughtUp(watcher)).toEqual({ dev, ino });
		expect([...seen.keys()]).toEqual(expect.arrayContaining([one, `new${round}/deeper/x`]));
		utimesSync(join(root, one), 1000 + round, 1000 + round);
		renameSync(join(root, `new${round}/deeper/x`), join(root, other));
		expect(await caughtUp(watcher)).toEqual({ dev, ino });
		expect(seen.get(one)?.mtimeMs).toBe(1_000_000 + 1000 * round);
		expect([seen.has(`new${round}/deeper/x`), seen.has(other)]).toEqual([false, true]);
		rmSync(join(root, one));
		expect(await caughtUp(watcher)).toEqual({ dev, ino });
		expect(seen.has(one)).toBe(false);
	}
});

test('behind a link things change without an event', async () => {
	mkdirSync(join(folder, 'elsewhere'));
	symlinkSync(join(folder, 'elsewhere'), join(root, 'link'));
	expect(await caughtUp(watcher)).toBeNull();
	rmSync(join(root, 'link'));
	expect(await caughtUp(watcher)).not.toBeNull();
});

test('a burst of events may have had more than the kernel keeps: only a scan tells', async () => {
	for (let n = 0; n < 1500; n++) writeFileSync(join(root, `x${n}`), '');
	// Null, as long as that takes longer than whoever asks is made to wait.
	const known = await caughtUp(watcher);
	if (known !== null) expect(seen.size).toBe(1500);
	await waitFor(
		async () => (await caughtUp(watcher)) !== null,
		() => 'it is never known',
	);
	expect(seen.size).toBe(1500);
});

test('a burst in another folder that is watched may have cost events here', async () => {
	const other = join(folder, 'telegraf');
	const files = ['a', 'b'].map((name) => join(other, name));
	mkdirSync(other);
	for (const file of files) writeFileSync(file, 'x');
	let scans = 0;
	const listener = { changed: () => {}, removed: () => {}, scanned: () => scans++ };
	const beside = new OrdersWatcher({ root: other, log: new FakeLog(), listener });
	beside.start();
	try {
		await waitFor(
			() => scans > 0,
			() => 'no scan',
		);
		const most = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
		for (let n = 0; n < most + 1000; n++) utimesSync(files[n % 2] ?? '', n, n);
		writeFileSync(join(root, 'late'), 'x');
		const known = await caughtUp(watcher);
		if (known !== null) expect([...seen.keys()]).toContain('late');
		await waitFor(
			async () => (await caughtUp(watcher)) !== null,
			() => 'it is never known',
		);
		expect([...seen.keys()]).toContain('late');
	} finally {
		beside.stop();
	}
});

test('looks at orders/ itself may wait for others, where events tell of all in it', async () => {
	const looks: number[] = [];
	class Listening extends SystemClock {
		override after(delayMs: number, action: () => void, slackMs = 0): () => void {
			if (delayMs === 500) looks.push(slackMs);
			return super.after(delayMs, action, slackMs);
		}
	}
	const listener = { changed: () => {}, removed: () => {}, scanned: () => {} };
	const other = new OrdersWatcher({ root, log: new FakeLog(), listener, clock: new Listening() });
	other.start();
	try {
		await waitFor(
			() => looks.at(-1) === 500,
			() => `${looks}`,
		);
		symlinkSync(folder, join(root, 'link'));
		await waitFor(
			() => looks.at(-1) === 300,
			() => `${looks}`,
		);
	} finally {
		other.stop();
	}
});
