"""What of an interpreter's state can change a later import, as bytes that are equal for equal states.

Modules that were there at the start, and standard-library modules loaded since, are compared with what they held when
they were loaded, and only what differs is written; what came from the ordering's directory is written in full. Runs with
what kinds.py, baseline.py and digest.py define in its namespace.
"""

import sys


class StateDigest(Digest):
    """One state being written, part by part."""

    def state(self, full, directory):
        """All of it; `full` where code ran that may have changed anything. Gives the times of finders."""
        if not full:
            return self.import_state()
        path = sys.path
        self.sequence(b"P", path if type(path) is list else [path])
        finders = self.finders()
        self.modules_table()
        self.process(directory)
        self.changes()
        return finders

    def import_state(self):
        """What imports alone can have changed, on Python 3. In one piece, and looking at as little as it can: in a copy of
        a process, whatever is counted a reference to must be copied first."""
        baseline, put, modules, written = self.baseline, self.put, sys.modules, self.baseline.written
        root, times = baseline.root_text, []
        put(repr(sys.path).replace(root, "$").encode("utf-8", "surrogatepass"))
        cache = sys.path_importer_cache
        for entry in sorted([entry for entry in cache if entry.startswith(root)]):
            finder = cache[entry]
            if type(finder) is not baseline.file_finder:
                self.text(entry)
                self.finder_of_another_kind(finder)
                continue
            listed, own = finder._path_mtime, entry[len(root) + 1 :].encode("utf-8", "surrogateescape")
            put(b"f%d:" % len(own) + own)
            if listed != -1:
                put(repr(sorted(finder._path_cache)).encode("utf-8", "surrogatepass"))
                times.append((own, listed))
        for name in self.later_modules():
            module = modules[name]
            known = written.get(name)
            put(b"m")
            if known is not None and known[0] is module:
                put(known[1])
            else:
                self.later_module(name, module)
        return times

    def later_modules(self):
        """The names of modules that were not there at the start, where those that were still are."""
        modules = sys.modules
        later = len(modules) - len(self.baseline.modules)
        if hasattr(modules, "__reversed__"):
            names = reversed(modules)
            return sorted([next(names) for _ in range(later)])
        return sorted(list(modules)[-later:]) if later else []

    def later_module(self, name, module):
        """A module from the ordering. One that holds only what cannot change is written once: from then on only a
        `reload` could change it."""
        before = len(self.parts)
        self.text(name)
        if type(module) is MODULE and self.simple_module(module.__dict__):
            self.baseline.written[name] = (module, b"".join(self.parts[before:]))
        elif type(module) is MODULE or module is not None:
            for other in self.later_modules():
                self.seen.setdefault(id(sys.modules[other]), b"m" + as_bytes(other) + b";")
            self.module_entry(name, module)
        else:
            self.put(b"N")

    def modules_table(self):
        baseline = self.baseline
        at_start, library, modules = baseline.modules, baseline.library, sys.modules
        for name in baseline.start_names:
            if name not in modules or modules[name] is not at_start[name]:
                self.put(b"x")
                self.text(name)
        later = [name for name in modules if name not in at_start or modules[name] is not at_start[name]]
        if not all([type(name) is str for name in later]):
            raise Unmergeable("a module name that is no text")
        later.sort()
        # Wherever these are met, it is by their names.
        for name in later:
            self.seen.setdefault(id(modules[name]), b"m" + as_bytes(name) + b";")
        for name in later:
            module = modules[name]
            self.put(b"m")
            self.text(name)
            if library.get(name, baseline) is module or id(module) in self.names:
                self.put(b"l")
                self.text(self.names[id(module)])
                self.text(baseline.contents.get(name, b""))
            elif type(module) in PLAIN:
                self.plain(type(module), module)
            else:
                self.module_entry(name, module)

    def module_entry(self, name, module):
        """What `sys.modules` holds under a name; where it is there under another too, that name says it all."""
        seen = self.seen[id(module)]
        if seen != b"m" + as_bytes(name) + b";":
            self.put(b"#")
            self.put(seen)
        elif type(module) is MODULE:
            self.module(module)
        else:
            self.kept.append(module)
            self.other(type(module), module)

    def simple_module(self, own):
        """Writes a module that is no package and holds nothing that can change but its loader and its specification,
        if those are as the import system makes them."""
        special = ("__spec__", "__loader__", "__builtins__")
        for key, value in own.items():
            if type(value) not in PLAIN and key not in special:
                return False
        baseline = self.baseline
        spec, loader, name, path = own.get("__spec__"), own.get("__loader__"), own.get("__name__"), own.get("__file__")
        if type(spec) is not baseline.spec_class or type(loader) is not baseline.loader_class or path is None:
            return False
        held = spec.__dict__
        if (
            held.get("loader") is not loader
            or held.get("name") != name
            or held.get("origin") != path
            or held.get("_cached") != own.get("__cached__")
            or held.get("submodule_search_locations") is not None
            or held.get("loader_state") is not None
            or held.get("_initializing")
            or len(held) > 8
            or loader.__dict__ != {"name": name, "path": path}
            or id(own.get("__builtins__")) not in self.names
        ):
            return False
        self.put(b"s")
        for key in sorted(own):
            if key not in special:
                self.emit(key)
                self.emit(own[key])
        return True

    def finders(self):
        """`sys.path_importer_cache`; of finders of the ordering's directories the times are given apart."""
        baseline = self.baseline
        times = []
        cache = sys.path_importer_cache
        for entry in sorted(cache, key=repr):
            finder = cache[entry]
            self.put(b"p")
            self.emit(entry)
            if finder is None or type(finder) is not baseline.file_finder:
                self.finder_of_another_kind(finder)
                continue
            self.put(b"f")
            if finder._loaders != baseline.loaders:
                self.emit(finder._loaders)
            listed = finder._path_mtime
            data = as_bytes(finder.path)
            if not data.startswith(b"/"):
                raise Unmergeable("a finder of a relative path")
            if data.startswith(self.root) and listed != -1:
                self.members(b"S", finder._path_cache)
                if finder._relaxed_path_cache:
                    self.members(b"R", finder._relaxed_path_cache)
                times.append((data[len(self.root) + 1 :], listed))
        return times

    def finder_of_another_kind(self, finder):
        if type(finder).__name__ == "zipimporter" and type(finder).__module__ == "zipimport":
            self.put(b"z")
            self.emit(finder.archive)
            self.emit(finder.prefix)
        elif type(finder).__name__ == "NullImporter":
            self.put(b"0")
        else:
            self.emit(finder)

    def process(self, directory):
        """What the process holds beyond objects."""
        modules = self.baseline.modules
        self.emit(directory)
        thread = modules.get("_thread") or modules.get("thread") or sys.modules.get("thread")
        if thread is not None and thread._count() > 0:
            raise Unmergeable("a thread")
        if sys.gettrace() is not None or sys.getprofile() is not None:
            raise Unmergeable("a trace function")
        self.emit(sys.getrecursionlimit())
        signal = modules.get("_signal") or modules.get("signal")
        for number_ in range(1, signal.NSIG):
            try:
                self.emit(signal.getsignal(number_))
            except ValueError:
                pass
        locale = sys.modules.get("_locale")
        if locale is not None:
            self.emit(locale.setlocale(locale.LC_ALL, None))

    def changes(self):
        """What is different in modules that were there, from when they were loaded."""
        changed = []
        for where, letter, value, keys, ids in self.baseline.snapshots:
            if letter == b"L":
                if list(map(id, value)) != ids:
                    changed.append((where, letter, value, None))
            elif letter == b"S":
                if set(map(id, value)) != ids:
                    changed.append((where, letter, value, None))
            elif letter == b"A":
                registry = registry_of(value)
                if set(map(id, registry)) != ids:
                    changed.append((where, b"S", registry, None))
            else:
                own = value if letter == b"D" else value.__dict__
                if len(own) != len(keys) or list(map(id, own.values())) != ids:
                    changed.append((where, letter, own, dict(zip(keys, ids))))
        for where, letter, value, then in sorted(changed, key=lambda change: change[0]):
            self.change(where, letter, value, then)

    def change(self, where, letter, value, then):
        if letter in (b"L", b"S"):
            self.put(b"~")
            self.text(where)
            return self.sequence(b"L", value) if letter == b"L" else self.members(b"S", value)
        keys = [key for key in value if then.get(key) != id(value[key])]
        keys.extend([key for key in then if key not in value])
        keys = [key for key in keys if key not in ABC_CACHES and "%s.%s" % (where, key) not in LEFT_OUT]
        try:
            keys.sort()
        except TypeError:
            pass
        for key in keys:
            self.put(b"~")
            self.text(where)
            self.emit(key)
            if key in value:
                self.emit(value[key])
