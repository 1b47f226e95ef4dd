import { type ChildProcess, spawn } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CommandError, type CommandResult, type RunLimits, type RunOptions } from '../../src/model/probe.ts';
import { makeRunCommand, whyNotStarted } from '../../src/tools/run-command.ts';

const runCommand = makeRunCommand();
let folder: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-run-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function options(more: Partial<RunLimits> = {}): RunOptions {
	return { signal: new AbortController().signal, endWith: 'SIGINT', debianPackage: 'some-package', ...more };
}

function shell(script: string, more: Partial<RunLimits> = {}): Promise<CommandResult> {
	return runCommand('sh', ['-c', script], options(more));
}

/** Runs a shell script, and fires the signal once it has made the file it is told of. */
async function stopWhenReady(script: string, more: Partial<RunLimits> = {}): Promise<CommandResult> {
	const ready = join(folder, 'ready');
	rmSync(ready, { force: true });
	const controller = new AbortController();
	const run = shell(script.replace('READY', `: > ${ready}`), { ...more, signal: controller.signal });
	await expect.poll(() => existsSync(ready)).toBe(true);
	controller.abort();
	return run;
}

function scriptFile(name: string, text: string, mode: number): string {
	const path = join(folder, name);
	writeFileSync(path, text);
	chmodSync(path, mode);
	return path;
}

/** Whether a process runs. One that has ended and waits to be reaped does not. */
function isRunning(pid: number): boolean {
	try {
		return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
	} catch {
		return false;
	}
}

describe('a program that ends by itself', () => {
	test('gives its output, exit code and start', async () => {
		const before = Date.now() / 1000;
		const result = await shell('echo out; echo err >&2; exit 3');
		expect(result).toMatchObject({ stdout: 'out\n', stderr: 'err\n', exitCode: 3, endedBy: null });
		expect(result).toMatchObject({ stopped: false, truncated: false });
		expect(result.startedAtSeconds).toBeGreaterThanOrEqual(before);
		expect(result.startedAtSeconds).toBeLessThanOrEqual(Date.now() / 1000);
	});

	test('says which signal ended it', async () => {
		const result = await shell('echo partial; kill -KILL $$');
		expect(result).toMatchObject({ stdout: 'partial\n', exitCode: null, endedBy: 'SIGKILL', stopped: false });
	});

	test('reads its input to the end', async () => {
		const input = 'zürich\n'.repeat(50_000);
		const result = await runCommand('cat', [], options({ input }));
		expect(result.stdout).toBe(input);
	});

	test('finds its input closed when there is none', async () => {
		expect((await runCommand('cat', [], options())).exitCode).toBe(0);
	});

	test('need not read its input', async () => {
		const result = await shell('exec <&-; exit 0', { input: 'x'.repeat(1_000_000) });
		expect(result.exitCode).toBe(0);
	});

	test('gets the C locale, the path and nothing else of our environment', async () => {
		const { stdout } = await runCommand('env', [], options());
		expect(stdout.trim().split('\n').sort()).toEqual(['LC_ALL=C', `PATH=${process.env['PATH']}`]);
	});

	test('takes arguments as they are', async () => {
		const result = await runCommand('printf', ['%s\n', '$(id)', '; exit 1', '*', ''], options());
		expect(result.stdout).toBe('$(id)\n; exit 1\n*\n\n');
	});

	test('has a session of its own, out of reach of the signals of a terminal', async () => {
		const { stdout } = await shell('cut -d" " -f1,6 /proc/$$/stat');
		const [pid, session] = stdout.trim().split(' ');
		expect(session).toBe(pid);
	});

	test('is not waited for by its grandchildren, and they are ended', async () => {
		const { stdout, exitCode } = await shell('sleep 1000 & echo $!');
		expect(exitCode).toBe(0);
		await expect.poll(() => isRunning(Number(stdout))).toBe(false);
	});
});

describe('output beyond the limit', () => {
	test('is read and thrown away', async () => {
		const script = 'head -c 150000 /dev/zero | tr "\\0" a; printf b >&2; exit 7';
		const result = await makeRunCommand(100_000)('sh', ['-c', script], options());
		expect(result).toMatchObject({ stdout: 'a'.repeat(100_000), stderr: 'b', exitCode: 7, truncated: true });
	});

	test('begins after the last byte that fits', async () => {
		const result = await makeRunCommand(5)('printf', ['12345'], options());
		expect(result).toMatchObject({ stdout: '12345', truncated: false });
	});

	test('is counted for both streams', async () => {
		const result = await makeRunCommand(5)('sh', ['-c', 'echo 123456 >&2'], options());
		expect(result).toMatchObject({ stderr: '12345', truncated: true });
	});
});

describe('a program that is to end', () => {
	test('gets the polite signal first and may still say what it has', async () => {
		const result = await stopWhenReady(
			'trap "echo partial; exit 1" INT; READY; while :; do sleep 0.01; done',
		);
		expect(result).toMatchObject({ stdout: 'partial\n', exitCode: 1, endedBy: null, stopped: true });
	});

	test('gets the signal that was asked for', async () => {
		const script = 'READY; exec sleep 1000';
		expect(await stopWhenReady(script, { endWith: 'SIGTERM' })).toMatchObject({
			endedBy: 'SIGTERM',
			stopped: true,
		});
	});

	test('is killed when it does not listen', async () => {
		const result = await stopWhenReady('trap "" INT; echo before; READY; while :; do sleep 0.01; done');
		expect(result).toMatchObject({ stdout: 'before\n', exitCode: null, endedBy: 'SIGKILL', stopped: true });
	});

	test('takes its children along, even those that do not listen', async () => {
		const result = await stopWhenReady('(trap "" INT; exec sleep 1000) & echo $!; READY; wait');
		expect(result.stopped).toBe(true);
		await expect.poll(() => isRunning(Number(result.stdout))).toBe(false);
	});

	test('is not started when it is to end already', async () => {
		const result = await shell(`: > ${folder}/started`, { signal: AbortSignal.abort() });
		expect(result).toMatchObject({ stdout: '', exitCode: null, endedBy: null, stopped: true });
		expect(existsSync(join(folder, 'started'))).toBe(false);
	});

	test('has ended before the signal fires: nothing happens', async () => {
		const controller = new AbortController();
		const result = await shell('exit 0', { signal: controller.signal });
		controller.abort();
		expect(result).toMatchObject({ exitCode: 0, stopped: false });
	});
});

test('leaves no listeners behind', async () => {
	const { signal } = new AbortController();
	const onProcess = () => process.eventNames().map((name) => [name, process.listenerCount(name)]);
	const before = onProcess();
	for (let i = 0; i < 30; i++) await shell('exit 0', { signal });
	await expect(runCommand('no-such-program', [], options({ signal }))).rejects.toThrow(CommandError);
	expect(getEventListeners(signal, 'abort')).toEqual([]);
	expect(onProcess()).toEqual(before);
});

describe('a program that cannot be started', () => {
	async function failureOf(program: string, args: string[] = []): Promise<string> {
		const error: unknown = await runCommand(program, args, options()).catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(CommandError);
		return (error as CommandError).message;
	}

	test('because it is not installed', async () => {
		expect(await failureOf('no-such-program')).toBe(
			'no-such-program is not installed: apt-get install some-package',
		);
	});

	test('because its path is wrong', async () => {
		const remedy = 'does not exist: correct the path in the config file, or apt-get install some-package';
		expect(await failureOf('/no/such/program')).toBe(`/no/such/program ${remedy}`);
		expect(await failureOf('/etc/passwd/program')).toBe(`/etc/passwd/program ${remedy}`);
	});

	test('because it is not executable', async () => {
		const path = scriptFile('plain', 'exit 0\n', 0o644);
		expect(await failureOf(path)).toBe(
			`${path} may not be run by this user: make it executable (chmod a+rx), or name another program in the config file`,
		);
	});

	test('because it is not installed, though a folder of the path cannot be searched either', () => {
		const error = Object.assign(new Error('spawn no-such-program EACCES'), { code: 'EACCES' });
		expect(whyNotStarted('no-such-program', { debianPackage: 'some-package' }, error)).toBe(
			'no-such-program is not installed: apt-get install some-package',
		);
		expect(whyNotStarted('sh', { debianPackage: 'dash' }, error)).toMatch(/^sh may not be run by this user/);
	});

	test('because it is missing, and no Debian package brings it', async () => {
		const source = { howToInstall: 'build it from its source' };
		const error = Object.assign(new Error('missing'), { code: 'ENOENT' });
		expect(whyNotStarted('no-such-program', source, error)).toBe(
			'no-such-program is not installed: build it from its source',
		);
		const { signal } = new AbortController();
		const run = runCommand('/no/such/program', [], { signal, endWith: 'SIGINT', ...source });
		await expect(run).rejects.toThrow(
			'/no/such/program does not exist: correct the path in the config file, or build it from its source',
		);
	});

	test('because its interpreter is missing', async () => {
		const path = scriptFile('uninterpreted', '#!/no/such/interpreter\n', 0o755);
		expect(await failureOf(path)).toBe(
			`${path} cannot be run: the program that its first line names does not exist`,
		);
	});

	test('because its arguments are too long', async () => {
		expect(await failureOf('true', ['x'.repeat(4_000_000)])).toMatch(/^true could not be started: .*E2BIG/);
	});

	test('because an argument cannot be passed on', async () => {
		expect(await failureOf('true', ['a\0b'])).toMatch(/^true could not be started: /);
	});

	test('because we have no file descriptors left, and it can be started when there are some again', async () => {
		const limit = await limitOpenFiles();
		const failure = await failureOf('true').finally(() => limit.lift());
		expect(failure).toMatch(/^true could not be started: too many open files: raise the limit/);
		expect((await runCommand('true', [], options())).exitCode).toBe(0);
	});

	test.each([
		['EPERM', 'it asks for capabilities (see getcap) that this process may not have: add them to Capability'],
		['EAGAIN', 'too many processes: raise the limit (TasksMax='],
		['ENFILE', 'too many open files on this machine: raise sysctl fs.file-max'],
		['ENOMEM', 'not enough memory'],
	])('because of %s', (code, remedy) => {
		const error = Object.assign(new Error(`spawn fping ${code}`), { code });
		const message = whyNotStarted('fping', { debianPackage: 'fping' }, error);
		expect(message).toMatch(/^fping /);
		expect(message).toContain(remedy);
	});
});

/** Takes from this process the right to open any more files, by another process, which can give it back. */
async function limitOpenFiles(): Promise<{ lift(): Promise<void> }> {
	const script = `
		limit=$(prlimit --pid "$1" --nofile --noheadings --output SOFT)
		prlimit --pid "$1" --nofile=3: && echo limited
		read -r _
		prlimit --pid "$1" --nofile="$limit": && echo lifted`;
	const helper: ChildProcess = spawn('sh', ['-c', script, 'sh', String(process.pid)], {
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	const said = async () => {
		const stream = helper.stdout;
		if (stream === null) throw new Error('the helper has no output');
		const [chunk] = await once(stream, 'data');
		return String(chunk);
	};
	expect(await said()).toBe('limited\n');
	return {
		async lift() {
			helper.stdin?.end('\n');
			expect(await said()).toBe('lifted\n');
		},
	};
}
