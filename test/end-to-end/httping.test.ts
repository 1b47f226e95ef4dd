import { mkdirSync, symlinkSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { Daemon } from '../support/daemon.ts';
import { WebServers } from '../support/web-servers.ts';

const servers = new WebServers();
afterAll(() => servers.close());

const order = (url: string) =>
	`user: test\ntask: page\nstep: 2\npings: 2\nprobe: httping\nhttping:\n    url: ${url}\n`;

test('without httping its orders say which package brings it, and are measured once it is there; passwords stay secret', async () => {
	await using daemon = new Daemon();
	mkdirSync(daemon.path('bin'));
	symlinkSync('/usr/bin/flock', daemon.path('bin/flock'));
	const address = await servers.http(({ headers }, response) =>
		headers.authorization === undefined ? response.socket?.destroy() : response.end(),
	);
	daemon.order('page', order(`http://me:hush%21hush@${address}/`));
	daemon.order('wrong', order(`http://me:hush/hush@${address}/`));
	await daemon.start(['--log-level', 'debug'], { env: { PATH: daemon.path('bin') } });
	expect(await daemon.errorOf('page')).toBe('httping is not installed: apt-get install httping');
	expect(await daemon.errorOf('wrong')).toMatch(/^httping\.url: cannot be read: "http:\/\/\*\*\*@127/);

	symlinkSync('/usr/bin/httping', daemon.path('bin/httping'));
	const result = await daemon.resultOf('page', ({ loss }) => loss === 0);
	expect(result).toMatchObject({ step: 2, pings: 2, min: expect.any(Number) });
	await daemon.until('the error is gone', () => !daemon.exists('output/page/error'));
	await daemon.stop();
	expect(daemon.output).toContain(`new order: page (user: test, httping: http://***@${address}/)`);
	expect(daemon.output).not.toContain('hush');
});
