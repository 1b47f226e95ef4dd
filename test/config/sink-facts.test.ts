import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { loadConfig } from '../../src/config/config.ts';
import { builtInSinks } from '../../src/sinks/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'pingmachine-'));
afterAll(() => rmSync(folder, { recursive: true }));

function load(facts: unknown) {
	const file = join(folder, 'config.yaml');
	writeFileSync(
		file,
		JSON.stringify({ sinks: [{ type: 'telegraf', name: 'a', url: 'udp://127.0.0.1:1', facts }] }),
	);
	return loadConfig({ file, flags: {}, probes: builtInProbes, sinks: builtInSinks });
}

test('a fact that no probe knows is told, with the nearest one', () => {
	expect(() => load(['ttl', 'jiter'])).toThrow(/sinks \(a\)\.facts: .*jiter.*jitter/);
	expect(load(['ttl', 'jitter', 'status_code']).sinks).toHaveLength(1);
	expect(load(true).sinks).toHaveLength(1);
});
