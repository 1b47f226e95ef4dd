/** The sink over HTTP: what follows from each answer. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SinkBusy, SinkRefusal } from '../../../src/model/sink.ts';
import { delivered } from '../shared/delivered.ts';
import { FakeInflux } from './fake-influx.ts';
import { never, openEntry } from './sink-harness.ts';

describe('what follows from the answer', () => {
	test.each([
		[400, {}, '{"error":"unable to parse \'x\': missing fields"}', "unable to parse 'x': missing fields"],
		[
			400,
			{},
			`{"error":"unable to parse 'partial\\\\ write: x': missing fields"}`,
			"unable to parse 'partial\\ write: x': missing fields",
		],
		[422, {}, '{"code":"unprocessable entity","message":"outside retention"}', 'outside retention'],
		[413, {}, 'too large', 'too large'],
	])('HTTP %i refuses the batch: %j %s', async (status, headers, body, said) => {
		await using influx = await FakeInflux.start();
		Object.assign(influx, { status, headers, body });
		const outcome = await influx.write();
		expect(outcome).toBeInstanceOf(SinkRefusal);
		expect((outcome as SinkRefusal).refusedOnly).toBeNull();
		expect((outcome as Error).message).toBe(`${influx.url}/write: HTTP ${status}: ${said}`);
	});

	/** Three lines each. */
	const four = ['a', 'b', 'c', 'd'].map((number) => delivered({ tags: { number }, rtts: [0.1, 0.2] }));
	const linesIn = (influx: FakeInflux) => influx.asked[0]?.body.toString().trimEnd().split('\n') ?? [];
	/** What the same batch comes to when the answer is made of its lines. */
	async function verdictsFor(bodyOf: (lines: readonly string[]) => object): Promise<unknown> {
		await using influx = await FakeInflux.start();
		const sink = await openEntry({ url: influx.url });
		await sink.write(four, never);
		Object.assign(influx, { status: 400, body: JSON.stringify(bodyOf(linesIn(influx))) });
		const outcome = await sink.write(four, never).catch((error: unknown) => error);
		await sink.close();
		return outcome;
	}

	test('what a bad line swallowed is found in the answer, and written again; that line is refused', async () => {
		const verdicts = await verdictsFor((lines) => ({
			error: `partial write: unable to parse '${lines.slice(3, 8).join('\n')}': missing fields dropped=0`,
		}));
		const refused = expect.stringMatching(/^unable to parse 'tunnel,number=b loss.*': missing fields$/);
		expect(verdicts).toEqual(['taken', { refused }, 'later', 'taken']);
	});

	test('each bad line that is listed is refused, and where nothing is stored the others are written again', async () => {
		const listed = (lines: readonly string[]) =>
			`unable to parse '${lines[0]}': first\nunable to parse '${lines[9]}': second`;
		const reason = (what: string) => ({ refused: expect.stringMatching(new RegExp(`': ${what}$`)) });
		const partly = await verdictsFor((lines) => ({ error: `partial write: ${listed(lines)} dropped=0` }));
		expect(partly).toEqual([reason('first'), 'taken', 'taken', reason('second')]);
		const nothing = await verdictsFor((lines) => ({ code: 'invalid', message: listed(lines) }));
		expect(nothing).toEqual([reason('first'), 'later', 'later', reason('second')]);
	});

	test('Telegraf’s influxdb_listener has stored the others, its other listeners nothing', async () => {
		const recorded = (name: string) => {
			const path = new URL(`../../../fixtures/sinks/telegraf/${name}.json`, import.meta.url);
			return verdictsFor(() => JSON.parse(readFileSync(path, 'utf8')));
		};
		expect(await recorded('listener-one')).toEqual([
			'taken',
			{ refused: expect.stringContaining('metric parse error: expected tag at 5:6: "bad,x"') },
			'taken',
			'taken',
		]);
		// Which they are is not said, or not in a way that names of ours could not forge.
		expect(await recorded('listener-upstream')).toMatchObject({ refusedOnly: 1, ofFirst: 4 });
		expect(await recorded('listener-more')).toMatchObject({ refusedOnly: 2, ofFirst: 4 });
		for (const nothing of ['v2-listener', 'http-listener']) {
			const outcome = await recorded(nothing);
			expect(outcome).toBeInstanceOf(SinkRefusal);
			expect(outcome).toMatchObject({ refusedOnly: null });
		}
	});

	test('a request holds 4 MiB, and no more than one result that is longer; the rest is for the next', async () => {
		await using influx = await FakeInflux.start();
		const sink = await openEntry({ url: influx.url, individual: 'none' });
		const long = delivered({ tags: { long: 'x'.repeat(1_500_000) } });
		expect(await sink.write([long, long, long, delivered()], never)).toEqual([
			'taken',
			'taken',
			'later',
			'later',
		]);
		const longest = delivered({ tags: { long: 'x'.repeat(5_000_000) } });
		expect(await sink.write([longest, delivered()], never)).toEqual(['taken', 'later']);
		// What is said of how many are refused is said of those that were written.
		const body = JSON.stringify({ error: 'partial write: field type conflict dropped=1' });
		Object.assign(influx, { status: 400, body });
		const outcome = await sink.write([long, long, long], never).catch((error: unknown) => error);
		expect(outcome).toMatchObject({ refusedOnly: 1, ofFirst: 2 });
		await sink.close();
	});

	test.each([
		['of version 1', 400, { error: 'partial write: field type conflict dropped=6' }, 2],
		[
			'of version 2',
			422,
			{ message: 'failure writing points to database: partial write: field type conflict dropped=3' },
			1,
		],
		[
			'that lists what it cannot parse',
			400,
			{
				error: `partial write: unable to parse '${'x'.repeat(100_000)}': odd\nunable to parse 'y': odd\nunable to parse 'z': odd\nunable to parse 'u': odd dropped=0`,
			},
			1,
		],
		['that says no number', 400, { error: 'partial write of line protocol occurred' }, 1],
		['that counts more than there is', 400, { error: 'partial write: odd dropped=1000' }, 4],
	])(
		'a partial write %s: the rest is taken, and results are counted, not lines',
		async (_of, status, body, refused) => {
			await using influx = await FakeInflux.start();
			Object.assign(influx, { status, body: JSON.stringify(body) });
			const sink = await openEntry({ url: influx.url });
			// Three lines each.
			const batch = Array.from({ length: 4 }, () => delivered({ rtts: [0.1, 0.2] }));
			const outcome = await sink.write(batch, never).catch((error: unknown) => error);
			await sink.close();
			expect(outcome).toBeInstanceOf(SinkRefusal);
			expect((outcome as SinkRefusal).refusedOnly).toBe(refused);
			expect((outcome as SinkRefusal).message).toContain('partial write');
		},
	);

	test.each([
		[
			401,
			'{"code":"unauthorized","message":"unauthorized access"}',
			'unauthorized access. Correct token: or username: and password:',
		],
		[403, '{"error":"not allowed"}', 'not allowed. Let the token or the user write there'],
		[
			404,
			'{"error":"database not found"}',
			'database not found. Make the database or bucket, or correct its name or url:',
		],
		[400, '{"error":"database is required"}', 'database is required. Write database: or bucket:'],
		[500, 'oh\x1b[2J\nno', 'oh\\x1b[2J\\x0ano'],
		[503, 'starting', 'starting'],
		[302, 'moved', 'moved. It is somewhere else. Correct url:'],
		[500, '', ''],
	])('HTTP %i may work later: nothing is lost meanwhile: %s', async (status, body, said) => {
		await using influx = await FakeInflux.start();
		Object.assign(influx, { status, body });
		const outcome = await influx.write({ bucket: 'b', token: 'very-secret' });
		expect(outcome).not.toBeInstanceOf(SinkRefusal);
		expect(outcome).not.toBeInstanceOf(SinkBusy);
		const message = `${influx.url}/api/v2/write?bucket=b: HTTP ${status}${said === '' ? '' : `: ${said}`}`;
		expect((outcome as Error).message).toBe(message);
	});

	test.each([
		[429, { 'retry-after': '7' }, 7000],
		[503, { 'retry-after': '0' }, 0],
		[429, {}, null],
	])('HTTP %i with %j asks for a pause of %d ms', async (status, headers, pauseMs) => {
		await using influx = await FakeInflux.start();
		Object.assign(influx, { status, headers });
		const outcome = await influx.write();
		expect(outcome).toBeInstanceOf(SinkBusy);
		expect((outcome as SinkBusy).retryAfterMs).toBe(pauseMs);
	});

	test('a pause can also end at a time of day', async () => {
		await using influx = await FakeInflux.start();
		Object.assign(influx, {
			status: 429,
			headers: { 'retry-after': new Date(Date.now() + 100_000).toUTCString() },
		});
		const { retryAfterMs } = (await influx.write()) as SinkBusy;
		expect(retryAfterMs).toBeGreaterThan(60_000);
		expect(retryAfterMs).toBeLessThanOrEqual(100_000);
	});
});
