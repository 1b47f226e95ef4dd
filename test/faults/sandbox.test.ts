/** What the systemd unit allows the daemon, and no more, as far as it can be had without systemd. */
import { chownSync, mkdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Daemon, fpingOrder } from '../support/daemon.ts';

const unit = readFileSync(new URL('../../packaging/systemd/pingmachine.service', import.meta.url), 'utf8');
const uid = 47_112;

/** Runs what follows it in a mount namespace of its own, after this script. */
function inNamespace(script: string): string[] {
	return ['unshare', '--mount', 'sh', '-ec', `mount --make-rprivate /\n${script}\nexec "$@"`, 'sh'];
}

test.concurrent('it measures as an unprivileged user with CAP_NET_RAW alone, on a system that it can only read', async () => {
	await using daemon = new Daemon();
	for (const setting of [
		'CapabilityBoundingSet=CAP_NET_RAW',
		'AmbientCapabilities=CAP_NET_RAW',
		'NoNewPrivileges=yes',
		'ProtectSystem=strict',
		'ProtectProc=invisible',
		'PrivateTmp=yes',
	]) {
		expect(unit.split('\n')).toContain(setting);
	}
	for (const folder of ['orders', 'telegraf', 'output', 'archive']) {
		mkdirSync(daemon.path(folder));
		chownSync(daemon.path(folder), uid, uid);
	}
	const state = '/var/lib/pingmachine-sandbox';
	// It may be in the /tmp that the sandbox hides.
	const programs = '/var/lib/pingmachine-programs';
	const root = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');
	const script = `
		mount -t tmpfs tmpfs /var/lib
		mkdir ${state} ${programs}
		mount --bind ${root} ${programs}
		mount --bind ${daemon.baseDir} ${state}
		chmod 755 ${state}
		mount -o remount,bind,ro /
		mount -t tmpfs tmpfs /tmp
		case ${root} in /tmp/*) mkdir -p ${root}; mount --bind ${programs} ${root} ;; esac
		mount -t proc -o hidepid=invisible proc /proc
	`;
	const caps = ['--inh-caps=-all,+net_raw', '--ambient-caps=-all,+net_raw', '--bounding-set=-all,+net_raw'];
	const prefix = [
		...inNamespace(script),
		...['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--no-new-privs', ...caps],
	];
	await daemon.start(['--basedir', state, '--max-age', '3'], { prefix });
	daemon.order('v4', fpingOrder('127.0.0.1'));
	daemon.order('v6', fpingOrder('::1'));
	daemon.order('wrong', 'step: -1');
	for (const id of ['v4', 'v6']) expect(await daemon.resultOf(id)).toMatchObject({ loss: 0 });
	expect(await daemon.errorOf('wrong')).toMatch(/step/);
	const status = readFileSync(`/proc/${daemon.pid}/status`, 'utf8');
	expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
	for (const set of ['Eff', 'Prm', 'Bnd'])
		expect(status).toMatch(new RegExp(`^Cap${set}:\\s+0{12}2000$`, 'm'));
	await daemon.stop();
	expect(daemon.exitCode).toBe(0);
	expect(daemon.output).not.toMatch(/ error: /);
});

test.concurrent('without /proc it says so and does not start', async () => {
	await using daemon = new Daemon();
	daemon.spawn([], { prefix: inNamespace('umount --lazy /proc') });
	await daemon.exited();
	expect(daemon.exitCode).toBe(1);
	expect(daemon.output).toBe('/proc is missing: mount it (mount -t proc proc /proc)\n');
});
