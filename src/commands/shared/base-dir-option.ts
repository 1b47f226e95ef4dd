import { Option } from 'commander';

/** Wins over the config file, as the option does. */
const variable = 'PINGMACHINE_BASEDIR';
const usual = '/var/lib/pingmachine';

/** `--basedir` of commands that always have one. */
export function baseDirOption(what: string): Option {
	return baseDirOverConfig(what).default(usual);
}

/** `--basedir` of commands that take it from the config file otherwise. */
export function baseDirOverConfig(what: string): Option {
	// Nobody means nothing.
	if (process.env[variable] === '') delete process.env[variable];
	return new Option('--basedir <dir>', what).env(variable);
}
