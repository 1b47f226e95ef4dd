/** What the canaries' consumer calls what these probes measure. `traceroute` is ours: it knows of none. */
export const canaryTypes: ReadonlyMap<string, string> = new Map([
	['icmp', 'ping'],
	['fping', 'ping'],
	['sping', 'ping'],
	['pping', 'ping'],
	['http', 'http'],
	['httping', 'http'],
	['dns', 'dns'],
	['traceroute', 'traceroute'],
]);
