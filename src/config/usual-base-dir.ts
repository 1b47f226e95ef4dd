/** Wins over the config file, as the option `--basedir` does. */
export const baseDirVariable = 'PINGMACHINE_BASEDIR';
export const usualBaseDir = '/var/lib/pingmachine';
