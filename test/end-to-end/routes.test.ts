/** Ways of orders, from the packet to the file and the pages. Needs root. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRoutes } from '../../src/store/routes-file.ts';
import { cli, Daemon } from '../support/daemon.ts';
import { enterOwnNetwork } from '../support/own-network.ts';
import { chainOf, openRouters, v4 } from '../support/router-namespaces.ts';

let leave = () => {};
let close = async () => {};

beforeAll(async () => {
	leave = enterOwnNetwork();
	close = await openRouters(chainOf(2));
});

afterAll(async () => {
	await close();
	leave();
});

const target = v4('3.2');
const way = [v4('1.2'), v4('2.2'), target];

function pingmachine(...args: string[]): string {
	return execFileSync(process.execPath, [cli, ...args], { encoding: 'utf8' });
}

test('an order of traceroute, and one of another probe with route:, have their ways kept and told', async () => {
	await using daemon = new Daemon();
	const head = (step: number, probe: string) => `user: me\nstep: ${step}\npings: 1\nprobe: ${probe}\n`;
	daemon.order('me/way', `${head(6, 'traceroute')}traceroute: {host: ${target}}\n`);
	daemon.order('me/other', `${head(3, 'icmp')}route: 10\nicmp: {host: ${target}}\n`);
	daemon.order('me/plain', `${head(3, 'icmp')}icmp: {host: ${target}}\n`);
	await daemon.start();
	const routesOf = (id: string) => readRoutes(`${daemon.baseDir}/output/${id}`);
	for (const id of ['me/way', 'me/other']) {
		await expect.poll(() => routesOf(id).length, { timeout: 120_000 }).toBe(1);
		const [route] = routesOf(id);
		expect(route?.hops.map((hop) => hop?.addresses)).toEqual(way.map((address) => [address]));
		expect(route?.reached).toBe(true);
	}
	const at = ['--basedir', daemon.baseDir];
	expect(pingmachine('explain', 'me/way', ...at)).toMatch(
		/ROUTE[\s\S]* 1 {2}10\.50\.1\.2[\s\S]* 3 {2}10\.50\.3\.2/,
	);
	const other = JSON.parse(pingmachine('explain', 'me/plain', '--json', ...at));
	expect(other.route).toMatchObject({ of: 'me/way', reached: true, loop: false, changes: [] });
	expect(pingmachine('export', 'me/other', '--routes', ...at).split('\n')).toHaveLength(2);
});
