# shellcheck shell=bash disable=SC2154 # who sources this sets: suite, packages, store, base; say and fail
# A minimal Debian below a folder, made once and kept: for scripts that try pingmachine where nothing else is.

# Where this machine gets its own packages: "https://mirror/debian/", of a label.
# shellcheck disable=SC2016 # for apt-get
mirror() { apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' | sed -n "s/^$1 //p" | head -n 1; }

# What package managers are told by the environment: proxies, certificates, settings of npm.
machine_environment() {
	env -0 | while IFS= read -r -d '' line; do
		case "$line" in
			http_proxy=* | https_proxy=* | no_proxy=* | HTTP_PROXY=* | HTTPS_PROXY=* | NO_PROXY=*) ;;
			SSL_CERT_FILE=* | NODE_EXTRA_CA_CERTS=* | GIT_SSL_CAINFO=*) ;;
			npm_config_registry=* | npm_config_cafile=* | npm_config_proxy=* | npm_config_https_proxy=*) ;;
			*) continue ;;
		esac
		printf '%s\0' "$line"
	done
}
mapfile -d '' environment < <(machine_environment)

in_root() {
	local root=$1; shift
	chroot "$root" /usr/bin/env -i HOME=/root TERM="${TERM:-dumb}" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		"${environment[@]}" "$@"
}

configure_root() {
	local root=$1 debian security
	debian=$(mirror Debian) security=$(mirror Debian-Security)
	{
		echo "deb $debian $suite main"
		[ -z "$security" ] || echo "deb $security $suite-security main"
	} >"$root/etc/apt/sources.list"
	apt-config dump | grep -iE '^Acquire::https?::' >"$root/etc/apt/apt.conf.d/90machine" || true
	cp /etc/resolv.conf "$root/etc/resolv.conf"
	# Debian's own installer writes these lines.
	printf '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n' >"$root/etc/hosts"
	echo fresh >"$root/etc/hostname"
}

build_base() {
	local mirror_uri new="$base.new"
	mirror_uri=$(mirror Debian)
	[ -n "$mirror_uri" ] || fail "apt does not know a mirror of Debian here: run apt-get update first"
	say "makes Debian $suite with $packages in $base; this takes some minutes, once"
	rm -rf "$new"
	debootstrap --variant=minbase "$suite" "$new" "$mirror_uri" >"$store/debootstrap.log" 2>&1 ||
		{ tail -n 20 "$store/debootstrap.log" >&2; fail "debootstrap failed; see $store/debootstrap.log"; }
	configure_root "$new"
	in_root "$new" apt-get update -qq
	# shellcheck disable=SC2086 # words are meant to be split
	in_root "$new" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >>"$store/debootstrap.log" 2>&1 ||
		{ tail -n 20 "$store/debootstrap.log" >&2; fail "apt-get failed; see $store/debootstrap.log"; }
	rm -rf "$base"
	mv "$new" "$base"
}

# Makes the base unless there is one. $1: not empty: anew.
have_base() {
	# Another run may be making it.
	exec 9>"$store/lock"
	flock 9
	[ -z "$1" ] || rm -rf "$base"
	[ -d "$base" ] || build_base
	exec 9>&-
}
