import { Option } from 'commander';
import { baseDirVariable, usualBaseDir } from '../../config/usual-base-dir.ts';

/** `--basedir` of commands that always have one. */
export function baseDirOption(what: string): Option {
	return baseDirOverConfig(what).default(usualBaseDir);
}

/** `--basedir` of commands that take it from the config file otherwise. */
export function baseDirOverConfig(what: string): Option {
	// Nobody means nothing.
	if (process.env[baseDirVariable] === '') delete process.env[baseDirVariable];
	return new Option('--basedir <dir>', what).env(baseDirVariable);
}
