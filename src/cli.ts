#!/usr/bin/env node
// Node's own answer to this signal opens its debugger, on loopback, to every user of the machine.
process.on('SIGUSR1', () => {});

const [, , first = '', second = '', ...others] = process.argv;
// What is asked often, and by machines: loading all that measures would take several times as long.
if (first === 'complete') {
	// Shells ask at every press of TAB.
	const { complete } = await import('./commands/completion/complete.ts');
	await complete(process.argv.slice(3), process.stdout);
} else if (['-V', '--version'].includes(first) && second === '') {
	const { version } = await import('./host/version.ts');
	process.stdout.write(`${version}\n`);
} else if (first === 'completion' && others.length === 0 && (await printMadeScript(second))) {
	// It is printed.
} else if (await (await import('./commands/quick.ts')).runQuickCommand(first)) {
	// It was run.
} else {
	const { builtInProbes } = await import('../probes/index.ts');
	const { oneCommand } = await import('./commands/one-command.ts');
	const { runProgram } = await import('./commands/program.ts');
	const { probesForCommand } = await import('./config/known-probes.ts');
	// `run` loads its probes itself, and does not start when there is something wrong with one.
	const probes = first === 'run' ? builtInProbes : await probesForCommand(process.argv, builtInProbes);
	const program =
		(await oneCommand(first, probes)) ?? (await import('./commands/command-line.ts')).commandLine(probes);
	await runProgram(program);
}

/** What a shell reads when it starts. False: it was not made when this was built. */
async function printMadeScript(shell: string): Promise<boolean> {
	const { madeScript } = await import('./commands/completion/made-script.ts');
	const script = madeScript(shell);
	if (script === null) return false;
	process.stdout.on('error', () => {});
	process.stdout.write(script);
	return true;
}
