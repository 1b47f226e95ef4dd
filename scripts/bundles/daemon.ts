import { rolldown } from 'rolldown';
import { entries, failOnLog, modulesOf, written } from './places.ts';
import { isLent, modulesByUrl, probesAtOnce } from './plug-ins.ts';

/** They are loaded when a sink or a notifier needs them, or have files of their own beside them. */
const separate = /^(?:koffi|nodemailer|uplot|@platformatic\/.*|@redis\/.*)$/;

/**
 * The daemon, its threads and its web server. A thread loads what it takes and no more: what several take is in files of
 * their own, so there are many; and no module is in two files, so none is in a thread twice. Returns the paths of the
 * modules that are in there.
 */
export async function bundleDaemon(): Promise<string[]> {
	const build = await rolldown({
		input: entries().daemon,
		external: (name, importer) => separate.test(name) || isLent(name, importer),
		platform: 'node',
		plugins: [modulesByUrl, probesAtOnce],
		onLog: failOnLog,
	});
	const made = await build.write(written);
	await build.close();
	return modulesOf(made);
}
