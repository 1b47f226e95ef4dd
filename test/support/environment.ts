/**
 * Runs before each file of tests. What a user, a terminal or a shell has set must not change what the programs under
 * test say; tests that are about such a variable set it themselves.
 */
import { afterAll, vi } from 'vitest';
import { killTheLiving } from './mortal.ts';

const telling = [
	'NO_COLOR',
	'FORCE_COLOR',
	'CLICOLOR',
	'CLICOLOR_FORCE',
	'COLORTERM',
	'COLUMNS',
	'LINES',
	'TERM',
];
const placing = [
	'TZ',
	'LANG',
	'LANGUAGE',
	'NODE_OPTIONS',
	'NOTIFY_SOCKET',
	'WATCHDOG_USEC',
	'JOURNAL_STREAM',
];

for (const name of Object.keys(process.env)) {
	if ([...telling, ...placing].includes(name) || name.startsWith('LC_')) delete process.env[name];
}
process.env['TERM'] = 'xterm-256color';

afterAll(() => {
	killTheLiving();
	vi.restoreAllMocks();
	vi.unstubAllEnvs();
	vi.useRealTimers();
	process.exitCode = undefined;
});
