import type { AnyProbe } from '../src/model/probe.ts';

/** The probes that come with pingmachine, by name. Each is loaded when it is needed: shells ask for no more than names. */
export const probeModules: Readonly<Record<string, () => Promise<AnyProbe>>> = {
	fping: async () => (await import('./fping/index.ts')).fping,
	icmp: async () => (await import('./icmp/index.ts')).icmp,
	traceroute: async () => (await import('./traceroute/index.ts')).traceroute,
	httping: async () => (await import('./httping/index.ts')).httping,
	http: async () => (await import('./http/index.ts')).http,
	ssh: async () => (await import('./ssh/index.ts')).ssh,
	sping: async () => (await import('./sping/index.ts')).sping,
	command: async () => (await import('./command/index.ts')).command,
	dns: async () => (await import('./dns/index.ts')).dns,
	tcp: async () => (await import('./tcp/index.ts')).tcp,
	pping: async () => (await import('./pping/index.ts')).pping,
};
