"""The Python from which sandboxes are forked: imports what boto3 needs and what its clients read, then waits for the
launcher's orders. Comes back from waiting only inside a sandbox, as its runtime, and goes on as bootstrap.py does.

Runs no user code outside a sandbox. Where a function could notice that modules were imported before its own were
looked for (a package with its own boto3, variables that an interpreter reads at its start), the runtime executes a
fresh interpreter instead.
"""

import ctypes
import gc
import os
import ssl
import sys
import time

LAUNCHER = 3  # the descriptor of its socket
INSIDE = "/var/runtime/bootstrap.py"
SERVICES = ("appconfig", "appconfigdata", "lambda", "s3", "sts")
# Read by the interpreter, the C library or OpenSSL when a process starts.
READ_AT_START = ("PYTHON", "LD_", "LC_", "MALLOC_", "GLIBC_", "GCONV_", "OPENSSL_")
AS_EVER = {"PYTHONPATH": "/var/runtime", "LANG": "en_US.UTF-8",
           "LD_LIBRARY_PATH": "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:"
                              "/opt/lib"}
LIBRARIES = ["/var/task/lib", "/opt/lib"]


def load_bootstrap(path):
    """The bootstrap as a module that believes to lie where it lies inside a sandbox."""
    with open(path, encoding="utf-8") as source:
        code = compile(source.read(), INSIDE, "exec")
    module = type(sys)("bootstrap")
    module.__file__ = INSIDE
    exec(code, module.__dict__)
    return module


def warm_up(bootstrap):
    """Imports boto3 and has it read its data; what it read is kept for the sessions of the functions. Without
    awscrt, where the machine has it: it keeps a descriptor of its random numbers for ever, and starts threads."""
    sys.modules["awscrt"] = None
    import boto3
    import botocore.loaders
    import botocore.session
    bootstrap.patch_session_module(botocore.session)
    kept = botocore.loaders.create_loader()
    original = botocore.session.create_loader

    def create_loader(search_path_string=None):
        return original(search_path_string) if search_path_string else kept
    botocore.session.create_loader = create_loader
    session = boto3.Session(aws_access_key_id="none", aws_secret_access_key="none", region_name="us-east-1")
    for service in SERVICES:
        session.client(service, endpoint_url="http://127.0.0.1:1")
    boto3.DEFAULT_SESSION = None
    del sys.modules["awscrt"]


def shadowing(names, preloaded):
    """Of the entries at the top of a folder of modules, those that a preloaded module hides."""
    return {n for n in names if n.partition(".")[0] in preloaded}


def needs_a_fresh_interpreter(environ, entries, preloaded):
    """Whether the function could tell the difference. `entries`: what stands in the folders that come before the
    distribution's own in sys.path. Where libraries are looked for is settled when a process starts, too."""
    for name, value in environ.items():
        if (name == "LANG" or name.startswith(READ_AT_START)) and AS_EVER.get(name) != value:
            return True
    return any(".so" in name for name in entries) or bool(shadowing(entries, preloaded))


def check_alone():
    """Threads do not survive a fork, and descriptors are closed for a sandbox: nobody may count on one."""
    if len(os.listdir("/proc/self/task")) != 1:
        sys.exit("a zygote has one thread")
    known = {"0", "1", "2", str(LAUNCHER)}
    for name in os.listdir("/proc/self/fd"):
        if name not in known and os.path.exists(f"/proc/self/fd/{name}"):  # not the one that lists
            sys.exit(f"a zygote has no descriptor {name}")


def entries_of(folders):
    found = []
    for folder in folders:
        try:
            found += os.listdir(folder)
        except OSError:
            pass  # mostly there is none
    return found


def strings(function):
    function.restype = ctypes.c_char_p
    i, found = 0, []
    while (text := function(i)) is not None:
        found.append(os.fsdecode(text))
        i += 1
    return found


def print_uncaught(kind, error, trace):
    """As a program that began with the bootstrap would."""
    while trace is not None and trace.tb_frame.f_code.co_filename != INSIDE:
        trace = trace.tb_next
    sys.__excepthook__(kind, error.with_traceback(trace), trace)


def become_runtime(library, bootstrap, preloaded):
    coerced = os.environ.get("LC_CTYPE")
    variables = strings(library.tidegate_zygote_variable)
    command = strings(library.tidegate_zygote_argument)
    given = dict(v.split("=", 1) for v in variables)
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    entries = entries_of(["/var/task", "/opt/python", f"/opt/python/lib/{version}/site-packages"])
    if needs_a_fresh_interpreter(given, entries, preloaded) or entries_of(LIBRARIES):
        os.execve(command[0], command, given)
    os.environ.clear()
    os.environ.update(given)
    if coerced:  # as an interpreter in this language does to its own environment
        os.environ["LC_CTYPE"] = coerced
    time.tzset()
    sys.argv[:] = command[1:]
    sys.path[0] = os.path.dirname(INSIDE)
    sys.path_importer_cache.clear()
    sys.modules.pop("ctypes")
    ssl.RAND_add(os.urandom(32), 32)  # OpenSSL knows a fork by its process id, and ids repeat in sandboxes
    sys.excepthook = print_uncaught
    bootstrap.__name__ = "__main__"
    sys.modules["__main__"] = bootstrap
    bootstrap.main()


def main():
    library = ctypes.PyDLL(sys.argv[1])
    bootstrap = load_bootstrap(os.path.join(os.path.dirname(os.path.abspath(__file__)), "bootstrap.py"))
    warm_up(bootstrap)
    preloaded = {name.partition(".")[0] for name in sys.modules}
    check_alone()
    gc.collect()
    gc.freeze()
    library.tidegate_zygote_serve()
    become_runtime(library, bootstrap, preloaded)


if __name__ == "__main__":
    main()
