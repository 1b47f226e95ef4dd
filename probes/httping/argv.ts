import { credentialsOf, withoutCredentials } from '../shared/url.ts';
import type { HttpingOptions } from './options.ts';
import type { HttpingRun } from './output.ts';

/** What httping is told of a URL. */
export interface HttpingCommand extends Pick<HttpingRun, 'count' | 'intervalMs' | 'timeoutMs'> {
	readonly url: string;
	readonly userAgent: string;
	readonly options: Pick<HttpingOptions, 'proxy' | 'http_codes_as_failure'>;
	/** Whether to show the status of each answer also where no status counts as lost. */
	readonly showStatus?: boolean;
	/** The address of the server or the proxy, when the name cannot be looked up. */
	readonly connectTo?: string | undefined;
}

/** The command line, without the program. */
export function argvOf(command: HttpingCommand): string[] {
	const { url, userAgent, count, options, connectTo, showStatus = false } = command;
	// It sleeps after the last ping too.
	const intervalMs = count === 1 ? shortestMs : command.intervalMs;
	const argv = [withoutCredentials(url), '--user-agent', userAgent, '--count', String(count), '--ai'];
	argv.push('--interval', inSeconds(intervalMs), '--timeout', inSeconds(command.timeoutMs));
	if (showStatus || options.http_codes_as_failure !== undefined) argv.push('--show-statuscodes');
	const own = credentialsOf(url);
	if (own !== null) argv.push('-U', own.user, '-P', own.password);
	if (options.proxy === undefined) {
		return connectTo === undefined ? argv : [...argv, '--divert-connect', connectTo];
	}
	const { hostname, port } = new URL(options.proxy);
	argv.push('-x', `${connectTo ?? hostname}:${port || '80'}`);
	const proxys = credentialsOf(options.proxy);
	if (proxys !== null) argv.push('--proxy-user', proxys.user, '--proxy-password', proxys.password);
	return argv;
}

const shortestMs = 10;

function inSeconds(ms: number): string {
	return String(ms / 1000);
}
