#!/usr/bin/env node
// Node's own answer to this signal opens its debugger, on loopback, to every user of the machine.
if (process.argv[2] === 'run') process.on('SIGUSR1', () => {});

// Shells ask at every press of TAB: loading all that measures would take them too long.
if (process.argv[2] === 'complete') {
	const { complete } = await import('./commands/completion/complete.ts');
	await complete(process.argv.slice(3), process.stdout);
} else {
	const { builtInProbes } = await import('../probes/index.ts');
	const { commandLine } = await import('./commands/command-line.ts');
	const { probesForCommand } = await import('./config/known-probes.ts');
	// `run` loads its probes itself, and does not start when there is something wrong with one.
	const isRun = process.argv[2] === 'run';
	await commandLine(isRun ? builtInProbes : await probesForCommand(process.argv, builtInProbes)).parseAsync();
}
