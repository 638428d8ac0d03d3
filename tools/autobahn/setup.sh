#!/bin/sh
# Puts the Autobahn testsuite and the Python 2.7 it needs into a folder of its own: setup.sh FOLDER
# Nothing is installed on the system and nothing needs root. Each step leaves a stamp, so that a
# second run does only what is missing. Needs Debian's apt (its older release still has the
# interpreter), on amd64.
set -eu

SUITE=25.10.1
RELEASE=bullseye
PACKAGES="python2.7 python2.7-minimal libpython2.7-stdlib libpython2.7-minimal libssl1.1 libffi7
    libreadline8 libtinfo6 libncursesw6 libdb5.3 libgdbm6 libgdbm-compat4"

here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cd "$1"
folder=$PWD

say() { echo "autobahn: $*"; }
fail() { say "$*" >&2; exit 1; }

# Runs a step quietly; its output is shown only when it fails.
step() {
    name=$1 words=$2
    if [ -f "$name.done" ]; then return; fi
    say "$words"
    # A shell ignores -e in a condition, so that the step runs in a shell that is none.
    set +e
    (set -e; "$name") >"$name.log" 2>&1
    code=$?
    set -e
    if [ "$code" -ne 0 ]; then
        tail -n 20 "$name.log" >&2
        fail "this step failed; the whole output is in $folder/$name.log"
    fi
    touch "$name.done"
}

interpreter() {
    rm -rf apt debs root
    mkdir -p apt/lists/partial apt/cache/archives/partial debs
    touch apt/status
    # the mirror that this machine uses already
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Label: Debian' |
        head -n 1)
    if [ -z "$mirror" ]; then echo "no Debian mirror is known here: run apt-get update"; exit 1; fi
    keys=/usr/share/keyrings/debian-archive-keyring.gpg
    echo "deb [signed-by=$keys] $mirror $RELEASE main" >apt/sources.list
    cat >apt/apt.conf <<CONF
Dir::State "$folder/apt";
Dir::State::lists "$folder/apt/lists";
Dir::State::status "$folder/apt/status";
Dir::Cache "$folder/apt/cache";
Dir::Etc::sourcelist "$folder/apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
APT::Architecture "amd64";
APT::Sandbox::User "root";
CONF
    APT_CONFIG=$folder/apt/apt.conf
    export APT_CONFIG
    apt-get update
    # shellcheck disable=SC2086  # a list of words
    (cd debs && apt-get download $PACKAGES)
    for deb in debs/*.deb; do dpkg-deb -x "$deb" root; done
    cat >python <<SCRIPT
#!/bin/sh
root=$folder/root
LD_LIBRARY_PATH=\$root/usr/lib/x86_64-linux-gnu:\$root/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH
exec "\$root/usr/bin/python2.7" "\$@"
SCRIPT
    chmod +x python
    ./python -c 'import ssl, ctypes'
}

# The last pip for Python 2.7 must be unpacked: it does not build packages from within a wheel.
pip() {
    rm -rf whl boot
    "$PYTHON" -m pip download --disable-pip-version-check --no-deps --only-binary :all: \
        --python-version 2.7 --implementation py --abi none --platform any \
        -d whl pip==20.3.4 setuptools==44.1.1 wheel==0.36.2
    for wheel in whl/*.whl; do "$PYTHON" -m zipfile -e "$wheel" boot; done
}

libraries() {
    rm -rf site
    PYTHONPATH=$folder/boot ./python -m pip install -t site -r "$here/requirements.txt"
    touch site/zope/__init__.py
}

suite() {
    rm -rf sdist autobahntestsuite-*
    PYTHONPATH=$folder/boot ./python -m pip download --no-deps --no-binary :all: -d sdist \
        "autobahntestsuite==$SUITE"
    tar xzf "sdist/autobahntestsuite-$SUITE.tar.gz"
    mv "autobahntestsuite-$SUITE" autobahntestsuite
}

PYTHON=${PYTHON:-python3}
for needed in apt-get dpkg-deb "$PYTHON"; do
    command -v "$needed" >/dev/null || fail "$needed is needed and not here"
done
if [ "$(dpkg --print-architecture)" != amd64 ]; then fail "the suite needs an amd64 machine"; fi

if [ "$here/requirements.txt" -nt libraries.done ]; then rm -f libraries.done; fi
step interpreter "unpacking Python 2.7, a few seconds"
step pip "unpacking its last pip"
step libraries "installing what the suite needs, about half a minute"
step suite "fetching the suite $SUITE"
