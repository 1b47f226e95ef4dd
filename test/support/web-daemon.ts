import { writeFileSync } from 'node:fs';
import { expect, vi } from 'vitest';
import { newToken, type Scope } from '../../src/web/access/tokens.ts';
import type { Daemon } from './daemon.ts';

/** For `expect.poll` on a busy machine. */
export const patient = { timeout: 60_000, interval: 100 };

/** Of an order for the loopback, twice a second. */
export function icmpOrder(more: Record<string, unknown> = {}): string {
	return JSON.stringify({
		...{ user: 'me', step: 2, pings: 2, probe: 'icmp', icmp: { host: '127.0.0.1', interval: 100 } },
		...more,
	});
}

/** The config file of a daemon with a web server. */
export function configureWeb(
	daemon: Daemon,
	web: Record<string, unknown> = {},
	more: Record<string, unknown> = {},
): string {
	const file = daemon.path('config.yaml');
	writeFileSync(file, JSON.stringify({ web: { listen: '127.0.0.1:0', ...web }, ...more }));
	return file;
}

/** Waits until it listens, and says where; `nth`: after it was started again. */
export async function webAddress(daemon: Daemon, nth = 1): Promise<string> {
	const found = () =>
		[...daemon.output.matchAll(/web: listens on (http:[^\s,]+)/g)].map(([, address]) => address ?? '');
	// Not `expect.poll`, which hooks cannot have.
	await vi.waitFor(() => expect(found().length).toBeGreaterThanOrEqual(nth), patient);
	return found()[nth - 1] ?? '';
}

/** Starts it, with a token for each of these names, and waits until it knows all orders. */
export async function startWebDaemon(
	daemon: Daemon,
	tokens: Readonly<Record<string, readonly Scope[]>> = {},
	web: Record<string, unknown> = {},
	more: Record<string, unknown> = {},
): Promise<{ address: string; tokens: Record<string, string> }> {
	const made = Object.entries(tokens).map(([name, scopes]) => [name, newToken(name, scopes)] as const);
	const file = daemon.path('tokens');
	if (made.length > 0) writeFileSync(file, made.map(([, { line }]) => line).join(''), { mode: 0o600 });
	const config = configureWeb(daemon, made.length > 0 ? { tokens_file: file, ...web } : web, more);
	await daemon.start(['--config', config]);
	const address = await webAddress(daemon);
	await vi.waitFor(async () => expect((await fetch(`${address}/-/ready`)).status).toBe(200), patient);
	return { address, tokens: Object.fromEntries(made.map(([name, { token }]) => [name, token])) };
}
