/* zmqlive.recording._fast: what `sockets.py` and `log.py` do a million times a second, in C.
 *
 * Tally   the numbers of a socket's log that both ways of recording read and write.
 * Page    one direction of a log: an entry a frame, in columns, without a Python object for any of them.
 * Send, Receive, Get   stand in the class of one socket. They take the plain case alone (bytes, no options beyond DONTWAIT
 *         and SNDMORE, the socket's own thread, an open socket) and make the call to libzmq that pyzmq would have made.
 *         All else, and every call that libzmq refuses, goes to `slow`, the Python way, which makes it once more: so
 *         errors, their words, blocking sends and signals are pyzmq's. The one exception is a receive that waits.
 *
 * No pointer to a socket is kept. Each call asks pyzmq's own object for it, as pyzmq's own calls do.
 *
 * Poll    stands in pyzmq's poller, and notes which recorded sockets are asked for messages.
 *
 * All state is guarded by the GIL. It is let go around libzmq's calls, as pyzmq does.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifndef _WIN32
#include <dlfcn.h>
#endif

#define DONTWAIT 1
#define SNDMORE 2
#define WHOLE 64            /* as in trace/frame.py: so many bytes of a frame are kept, of a longer one its ends */
#define FIRST 32
#define LAST 33
#define RCVMORE 13
#define MORE 0x80           /* in a kind: more frames of this message follow */
#define POLLIN 1
#define WORTH_NOTING 100000 /* ns: a shorter wait in poll is not waiting */
#define MUCH 65536          /* bytes of a column from which on it is handed over without a copy */
#define MASK 63             /* while counting, every 64th message is kept, by the Python way */

/* --- libzmq, as pyzmq has loaded it */

typedef union { unsigned char bytes[64]; void *alignment; } zmq_msg_t;
static int (*msg_init)(zmq_msg_t *);
static int (*msg_init_size)(zmq_msg_t *, size_t);
static int (*msg_send)(zmq_msg_t *, void *, int);
static int (*msg_recv)(zmq_msg_t *, void *, int);
static int (*msg_close)(zmq_msg_t *);
static int (*msg_more)(const zmq_msg_t *);
static void *(*msg_data)(zmq_msg_t *);
static size_t (*msg_size)(const zmq_msg_t *);
static int (*get_option)(void *, int, void *, size_t *);
static int (*last_errno)(void);

static PyObject *closed_of, *handle_of;         /* pyzmq's descriptors of `_closed` and `underlying` */
static PyObject *check_rc;                      /* pyzmq's: raises what an errno means */
static PyObject *s_copy, *s_track, *s_flags, *s_turn_on, *s_asked, *s_log, *s_over, *s_sockets;

/* Python's perf_counter_ns, which all processes of a machine share. */
static int64_t now(void) {
#if PY_VERSION_HEX >= 0x030D0000
    PyTime_t t;
    return PyTime_PerfCounterRaw(&t) == 0 ? (int64_t)t : 0;
#else
    return (int64_t)_PyTime_GetPerfCounter();
#endif
}

/* --- Tally */

typedef struct {
    PyObject_HEAD
    long long sent, received, asked, over, vain, blocked, careful, owner, user;
    char counting, shut, unsure, told_more;
} Tally;

static PyMemberDef tally_members[] = {
    {"sent", T_LONGLONG, offsetof(Tally, sent), 0, NULL},
    {"n_sent", T_LONGLONG, offsetof(Tally, sent), 0, NULL},      /* under which name they are written (see log.py) */
    {"received", T_LONGLONG, offsetof(Tally, received), 0, NULL},
    {"n_received", T_LONGLONG, offsetof(Tally, received), 0, NULL},
    {"asked", T_LONGLONG, offsetof(Tally, asked), 0, NULL},
    {"over", T_LONGLONG, offsetof(Tally, over), 0, NULL},
    {"vain", T_LONGLONG, offsetof(Tally, vain), 0, NULL},
    {"blocked", T_LONGLONG, offsetof(Tally, blocked), 0, NULL},
    {"careful", T_LONGLONG, offsetof(Tally, careful), 0, NULL},
    {"owner", T_LONGLONG, offsetof(Tally, owner), 0, NULL},
    {"user", T_LONGLONG, offsetof(Tally, user), 0, NULL},
    {"counting", T_BOOL, offsetof(Tally, counting), 0, NULL},
    {"shut", T_BOOL, offsetof(Tally, shut), 0, NULL},
    {"unsure", T_BOOL, offsetof(Tally, unsure), 0, NULL},
    {"told_more", T_BOOL, offsetof(Tally, told_more), 0, NULL},
    {NULL, 0, 0, 0, NULL}};

static PyTypeObject TallyType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "zmqlive.recording._fast.Tally",
    .tp_doc = "The numbers of a socket's log.",
    .tp_basicsize = sizeof(Tally),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_new = PyType_GenericNew,
    .tp_members = tally_members};

/* --- Page */

typedef struct {
    PyObject *object;                   /* bytes, of which the first `used` are written */
    char *bytes;                        /* its content */
    size_t used, room, last;            /* `last`: how many there were when it was handed over */
} Column;

typedef struct {
    PyObject_HEAD
    Column at, since, kinds, data, sizes;
    int asks;                           /* whether it holds when the socket was asked, as receiving does */
    int64_t next_at, next_since;        /* what the Python way has said of the entry that it is about to put */
} Page;

static int make_room(Column *c, size_t more) {
    if (c->used + more <= c->room)
        return 0;
    size_t room = c->room ? c->room * 2 : Py_MAX(1024, c->last + c->last / 4);
    while (room < c->used + more)
        room *= 2;
    PyObject *object = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)room);
    if (!object) {
        PyErr_Clear();
        return -1;
    }
    if (c->used)
        memcpy(PyBytes_AS_STRING(object), c->bytes, c->used);
    Py_XDECREF(c->object);
    c->object = object;
    c->bytes = PyBytes_AS_STRING(object);
    c->room = room;
    return 0;
}

/* What is written, without a copy: the column begins anew. */
static PyObject *hand_over(Column *c) {
    PyObject *object = c->object;
    Py_SET_SIZE(object, (Py_ssize_t)c->used);
    c->bytes[c->used] = 0;              /* bytes end with one that is not counted, for which there is room */
    c->last = c->used;
    c->object = NULL;
    c->bytes = NULL;
    c->used = c->room = 0;
    return object;
}

static void append(Column *c, const void *what, size_t n) {
    if (n)      /* an empty frame, for which there may be no room yet */
        memcpy(c->bytes + c->used, what, n);
    c->used += n;
}

/* One entry: all of it or, where memory is out, nothing (-1). `size` is the frame's true length; `data` holds all of
 * it, or, when `shortened`, the ends that are kept. */
static int put(Page *p, int64_t at, int64_t since, const char *data, size_t size, int shortened, int more) {
    size_t kept = size > WHOLE ? FIRST + LAST : size;
    int64_t true_size = (int64_t)size;
    unsigned char kind = (unsigned char)(kept | (more ? MORE : 0));
    if (make_room(&p->at, 8) || (p->asks && make_room(&p->since, 8)) || make_room(&p->kinds, 1) || make_room(&p->data, kept)
        || make_room(&p->sizes, 8))
        return -1;
    append(&p->at, &at, 8);
    if (p->asks)
        append(&p->since, &since, 8);
    append(&p->kinds, &kind, 1);
    if (size <= WHOLE || shortened) {
        append(&p->data, data, kept);
    } else {
        append(&p->data, data, FIRST);
        append(&p->data, data + size - LAST, LAST);
    }
    if (size > WHOLE)
        append(&p->sizes, &true_size, 8);
    return 0;
}

static PyObject *page_new(PyTypeObject *type, PyObject *args, PyObject *names) {
    static char *keywords[] = {"asks", NULL};
    int asks;
    if (!PyArg_ParseTupleAndKeywords(args, names, "p", keywords, &asks))
        return NULL;
    Page *self = (Page *)type->tp_alloc(type, 0);
    if (self)
        self->asks = asks;
    return (PyObject *)self;
}

static void page_dealloc(Page *self) {
    Py_XDECREF(self->at.object);
    Py_XDECREF(self->since.object);
    Py_XDECREF(self->kinds.object);
    Py_XDECREF(self->data.object);
    Py_XDECREF(self->sizes.object);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

/* The time of the next entry, or (when the socket was asked, when it answered). */
static PyObject *page_at(Page *self, PyObject *t) {
    int waited = PyTuple_CheckExact(t) && PyTuple_GET_SIZE(t) == 2;
    int64_t since = PyLong_AsLongLong(waited ? PyTuple_GET_ITEM(t, 0) : t);
    int64_t at = waited && !PyErr_Occurred() ? PyLong_AsLongLong(PyTuple_GET_ITEM(t, 1)) : since;
    if (PyErr_Occurred())
        return NULL;
    self->next_at = at;
    self->next_since = since;
    Py_RETURN_NONE;
}

/* An entry of the Python way (see log.py): bytes, [ends, size], or either in a 1-tuple when more frames follow. */
static PyObject *page_frame(Page *self, PyObject *entry) {
    int more = PyTuple_CheckExact(entry) && PyTuple_GET_SIZE(entry) == 1, shortened;
    if (more)
        entry = PyTuple_GET_ITEM(entry, 0);
    PyObject *kept = entry;
    shortened = PyList_CheckExact(entry) && PyList_GET_SIZE(entry) == 2;
    if (shortened)
        kept = PyList_GET_ITEM(entry, 0);
    if (!PyBytes_Check(kept) || (shortened && PyBytes_GET_SIZE(kept) != FIRST + LAST)) {
        PyErr_SetString(PyExc_TypeError, "an entry is bytes, [ends, size], or either in a tuple");
        return NULL;
    }
    size_t size = (size_t)PyBytes_GET_SIZE(kept);
    if (shortened) {
        size = PyLong_AsSize_t(PyList_GET_ITEM(entry, 1));
        if (PyErr_Occurred())
            return NULL;
        if (size <= WHOLE) {
            PyErr_SetString(PyExc_ValueError, "a frame of this size is kept whole");
            return NULL;
        }
    }
    if (put(self, self->next_at, self->next_since, PyBytes_AS_STRING(kept), size, shortened, more))
        return PyErr_NoMemory();
    Py_RETURN_NONE;
}

static PyObject *page_more(Page *self, PyObject *Py_UNUSED(none)) {
    if (self->kinds.used)
        self->kinds.bytes[self->kinds.used - 1] |= (char)MORE;
    Py_RETURN_NONE;
}

static PyObject *page_drain(Page *self, PyObject *Py_UNUSED(none)) {
    Column *columns[5] = {&self->at, &self->since, &self->kinds, &self->data, &self->sizes};
    PyObject *taken = PyTuple_New(5);
    if (!taken)
        return NULL;
    for (int i = 0; i < 5; i++) {       /* few: a copy costs less than to begin anew */
        if (columns[i]->used >= MUCH)
            continue;
        PyObject *bytes = PyBytes_FromStringAndSize(columns[i]->bytes, (Py_ssize_t)columns[i]->used);
        if (!bytes) {
            Py_DECREF(taken);
            return NULL;
        }
        PyTuple_SET_ITEM(taken, i, bytes);
    }
    for (int i = 0; i < 5; i++) {       /* from here on nothing can fail */
        if (columns[i]->used >= MUCH)
            PyTuple_SET_ITEM(taken, i, hand_over(columns[i]));
        columns[i]->used = 0;
    }
    return taken;
}

static Py_ssize_t page_length(Page *self) {
    return (Py_ssize_t)self->kinds.used;
}

static PyMethodDef page_methods[] = {
    {"at", (PyCFunction)page_at, METH_O, "The time (ns) of the next entry, or (when it was asked for, when it came)."},
    {"frame", (PyCFunction)page_frame, METH_O, "Put the entry."},
    {"more", (PyCFunction)page_more, METH_NOARGS, "The last entry, if it is still here, has more frames after it."},
    {"drain", (PyCFunction)page_drain, METH_NOARGS, "Take all: (at, since, kinds, data, sizes), each as bytes."},
    {NULL, NULL, 0, NULL}};
static PySequenceMethods page_sequence = {.sq_length = (lenfunc)page_length};

static PyTypeObject PageType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "zmqlive.recording._fast.Page",
    .tp_doc = "Page(asks): one direction of a socket's log, in columns.",
    .tp_basicsize = sizeof(Page),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = page_new,
    .tp_dealloc = (destructor)page_dealloc,
    .tp_methods = page_methods,
    .tp_as_sequence = &page_sequence};

/* --- Send and Receive */

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    Tally *tally;
    Page *page;
    PyObject *slow;         /* the Python way; of a poll pyzmq's */
    PyObject *over;         /* (since, in vain): told when a receive that waited ends without a message; of a poll the class
                             * of recorded sockets */
    PyObject *multipart;    /* its `on` says whether any socket of this record has met a second frame; of a poll the class of
                             * logs that are read here */
    int told;               /* whether that has been said */
} Call;

static PyObject *by_python(Call *c, PyObject *const *args, size_t nargsf, PyObject *names) {
    PyErr_Clear();
    if (!c->slow) {
        PyErr_SetString(PyExc_ReferenceError, "the socket's class is gone");
        return NULL;
    }
    return PyObject_Vectorcall(c->slow, args, nargsf, names);
}

/* libzmq's socket; NULL where pyzmq would not call libzmq. */
static void *open_handle(PyObject *socket) {
    PyObject *type = (PyObject *)Py_TYPE(socket);
    PyObject *closed = Py_TYPE(closed_of)->tp_descr_get(closed_of, socket, type);
    if (closed != Py_False) {
        Py_XDECREF(closed);
        return NULL;
    }
    Py_DECREF(closed);
    PyObject *address = Py_TYPE(handle_of)->tp_descr_get(handle_of, socket, type);
    if (!address)
        return NULL;
    void *handle = PyLong_AsVoidPtr(address);
    Py_DECREF(address);
    return handle;
}

/* Whether this call is for us: the flags, or -1. */
static int plain_flags(PyObject *const *args, Py_ssize_t given, Py_ssize_t own, PyObject *names, int allowed) {
    PyObject *flags = given > own ? args[own] : NULL;
    if (given > own + 1)
        return -1;
    for (Py_ssize_t i = 0; names && i < PyTuple_GET_SIZE(names); i++) {
        PyObject *name = PyTuple_GET_ITEM(names, i), *value = args[given + i];
        if (name == s_flags && !flags)
            flags = value;
        else if (!((name == s_copy && value == Py_True) || (name == s_track && value == Py_False)))
            return -1;
    }
    if (!flags)
        return 0;
    if (!PyLong_Check(flags))
        return -1;
    long n = PyLong_AsLong(flags);
    return n < 0 || (n & ~(long)allowed) ? -1 : (int)n;
}

/* Whether this thread may go on without being looked at (as `_look` does). (A socket that was closed through another
 * object on its handle does not know that it is.) */
static int unlooked(Tally *t) {
    if (t->blocked || t->shut)
        return 0;
    if (t->careful) {
        long long me = (long long)PyThread_get_thread_ident();
        if (t->owner == me)
            return 1;
        if (t->owner || t->user != me)
            return 0;
        t->careful--;
    }
    return 1;
}

static void tell_of_more(Call *c) {
    PyObject *done = c->told ? NULL : PyObject_CallMethodNoArgs(c->multipart, s_turn_on);
    c->told = c->told || done;
    Py_XDECREF(done);
}

static PyObject *send(PyObject *me, PyObject *const *args, size_t nargsf, PyObject *names) {
    Call *c = (Call *)me;
    Tally *tally = c->tally;
    Py_ssize_t given = PyVectorcall_NARGS(nargsf);
    int flags, rc, counting = tally->counting;
    void *handle;
    if (given < 2 || !PyBytes_CheckExact(args[1])
        || (flags = plain_flags(args, given, 2, names, DONTWAIT | SNDMORE)) < 0 || !unlooked(tally)
        || (counting && ((tally->sent + 1) & MASK) == 0) || !(handle = open_handle(args[0])))
        return by_python(c, args, nargsf, names);
    const char *data = PyBytes_AS_STRING(args[1]);
    size_t size = (size_t)PyBytes_GET_SIZE(args[1]);
    int64_t at = counting ? 0 : now();      /* before the send: the receiver may run first */
    zmq_msg_t msg;
    if (msg_init_size(&msg, size))
        return by_python(c, args, nargsf, names);
    Py_BEGIN_ALLOW_THREADS
    memcpy(msg_data(&msg), data, size);
    rc = msg_send(&msg, handle, flags | DONTWAIT);
    Py_END_ALLOW_THREADS
    msg_close(&msg);        /* libzmq has left an empty one behind, or refused this one */
    if (rc < 0)
        return by_python(c, args, nargsf, names);
    if (flags & SNDMORE)
        tell_of_more(c);
    else
        tally->sent++;
    if (!counting)
        put(c->page, at, 0, data, size, 0, flags & SNDMORE);
    PyErr_Clear();
    Py_RETURN_NONE;
}

/* A receive that waited has failed: raise what a signal's handler did, else what pyzmq would, and tell the record. */
static PyObject *failed(Call *c, int64_t since, int error) {
    PyObject *kind, *value, *trace, *done;
    if (PyErr_Occurred() || PyErr_CheckSignals() < 0) {
        error = EINTR;
    } else {
        done = PyObject_CallFunction(check_rc, "ii", -1, error);
        Py_XDECREF(done);
        if (!PyErr_Occurred())
            PyErr_Format(PyExc_SystemError, "libzmq failed, and errno is %d", error);
    }
    PyErr_Fetch(&kind, &value, &trace);
    done = c->over ? PyObject_CallFunction(c->over, "LO", (long long)since, error == EAGAIN ? Py_True : Py_False) : NULL;
    Py_XDECREF(done);
    PyErr_Restore(kind, value, trace);      /* in place of whatever else was raised meanwhile */
    return NULL;
}

static PyObject *receive(PyObject *me, PyObject *const *args, size_t nargsf, PyObject *names) {
    Call *c = (Call *)me;
    Tally *tally = c->tally;
    Py_ssize_t given = PyVectorcall_NARGS(nargsf);
    int flags, rc, error = 0, more, counting = tally->counting;
    int64_t at = 0, since = 0;
    void *handle;
    zmq_msg_t msg;
    if (given < 1 || (flags = plain_flags(args, given, 1, names, DONTWAIT)) < 0 || !unlooked(tally)
        || (counting && ((tally->received + 1) & MASK) == 0) || !(handle = open_handle(args[0])) || msg_init(&msg))
        return by_python(c, args, nargsf, names);
    Py_BEGIN_ALLOW_THREADS
    rc = msg_recv(&msg, handle, flags | DONTWAIT);
    if (rc < 0)
        error = last_errno();
    Py_END_ALLOW_THREADS
    if (rc < 0 && (error != EAGAIN || flags & DONTWAIT)) {
        msg_close(&msg);
        return by_python(c, args, nargsf, names);
    }
    if (rc < 0) {       /* nothing is there yet */
        since = now();
        tally->asked = counting ? 1 : since;
        do {
            if (PyErr_CheckSignals() < 0)
                break;
            Py_BEGIN_ALLOW_THREADS
            rc = msg_recv(&msg, handle, flags);
            error = rc < 0 ? last_errno() : 0;
            Py_END_ALLOW_THREADS
        } while (rc < 0 && error == EINTR);
        if (rc < 0) {
            msg_close(&msg);
            if (counting)
                tally->asked = since = now();
            return failed(c, since, error);
        }
    }
    if (!counting)
        at = now();
    more = msg_more(&msg);
    PyObject *frame = PyBytes_FromStringAndSize(msg_data(&msg), (Py_ssize_t)msg_size(&msg));
    msg_close(&msg);
    if (!frame)
        return NULL;
    tally->told_more = (char)(more != 0);
    if (more)
        tell_of_more(c);
    else
        tally->received++;
    if (counting)
        tally->asked = 0;
    else
        put(c->page, at, since ? since : at, PyBytes_AS_STRING(frame), (size_t)PyBytes_GET_SIZE(frame), 0, more);
    PyErr_Clear();
    return frame;
}

/* Whether more frames follow, which `recv_multipart` asks after each. */
static PyObject *get(PyObject *me, PyObject *const *args, size_t nargsf, PyObject *names) {
    Call *c = (Call *)me;
    int more = 0;
    size_t size = sizeof more;
    void *handle;
    if (PyVectorcall_NARGS(nargsf) != 2 || names || c->tally->shut || !PyLong_Check(args[1]) || PyLong_AsLong(args[1]) != RCVMORE
        || !(handle = open_handle(args[0])) || get_option(handle, RCVMORE, &more, &size)
        || (more && !c->tally->told_more))
        return by_python(c, args, nargsf, names);
    return PyLong_FromLong(more);
}

static PyObject *call_get(PyObject *self, PyObject *object, PyObject *Py_UNUSED(type)) {
    if (object && object != Py_None)
        return PyMethod_New(self, object);
    Py_INCREF(self);
    return self;
}

/* Name, text and signature are those of the Python way. */
static PyObject *call_getattro(PyObject *self, PyObject *name) {
    PyObject *found = PyObject_GenericGetAttr(self, name);
    if (found || !PyErr_ExceptionMatches(PyExc_AttributeError))
        return found;
    PyErr_Clear();
    return PyObject_GetAttr(((Call *)self)->slow, name);
}

static int call_traverse(Call *self, visitproc visit, void *arg) {
    Py_VISIT(self->tally);
    Py_VISIT(self->page);
    Py_VISIT(self->slow);
    Py_VISIT(self->over);
    Py_VISIT(self->multipart);
    return 0;
}

static int call_clear(Call *self) {
    Py_CLEAR(self->slow);
    Py_CLEAR(self->over);
    return 0;
}

static void call_dealloc(Call *self) {
    PyObject_GC_UnTrack(self);
    call_clear(self);
    Py_XDECREF(self->tally);
    Py_XDECREF(self->page);
    Py_XDECREF(self->multipart);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyMemberDef call_members[] = {
    {"__wrapped__", T_OBJECT_EX, offsetof(Call, slow), READONLY, "The Python way."},
    {NULL, 0, 0, 0, NULL}};

static PyTypeObject CallType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "zmqlive.recording._fast.Call",
    .tp_basicsize = sizeof(Call),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_METHOD_DESCRIPTOR,
    .tp_vectorcall_offset = offsetof(Call, call),
    .tp_call = PyVectorcall_Call,
    .tp_descr_get = call_get,
    .tp_getattro = call_getattro,
    .tp_members = call_members,
    .tp_traverse = (traverseproc)call_traverse,
    .tp_clear = (inquiry)call_clear,
    .tp_dealloc = (destructor)call_dealloc};

/* A call; what is not needed is NULL. */
static PyObject *new_call(vectorcallfunc call, PyObject *tally, PyObject *page, PyObject *slow, PyObject *over,
                          PyObject *multipart) {
    Call *c = PyObject_GC_New(Call, &CallType);
    if (!c)
        return NULL;
    Py_XINCREF(tally);
    Py_XINCREF(page);
    Py_INCREF(slow);
    Py_INCREF(over);
    Py_XINCREF(multipart);
    c->call = call;
    c->tally = (Tally *)tally;
    c->page = (Page *)page;
    c->slow = slow;
    c->over = over;
    c->multipart = multipart;
    c->told = 0;
    PyObject_GC_Track(c);
    return (PyObject *)c;
}

static PyObject *make_call(PyObject *args, vectorcallfunc call) {
    PyObject *tally, *page, *slow, *over, *multipart;
    if (!PyArg_ParseTuple(args, "O!O!OOO", &TallyType, &tally, &PageType, &page, &slow, &over, &multipart))
        return NULL;
    if (!msg_send) {
        PyErr_SetString(PyExc_RuntimeError, "find() comes first");
        return NULL;
    }
    return new_call(call, tally, page, slow, over, multipart);
}

/* --- Poll */

/* The log of a recorded socket, which its class keeps alive; NULL where it has none. */
static PyObject *log_of(PyObject *socket) {
    PyObject *log = PyObject_GetAttr((PyObject *)Py_TYPE(socket), s_log);
    if (!log)
        PyErr_Clear();
    Py_XDECREF(log);
    return log && PyObject_TypeCheck(log, &TallyType) ? log : NULL;
}

/* Whether a poller's (socket, flags), or its answer (socket, events), speaks of messages that come in. */
static int speaks_of_input(PyObject *pair) {
    PyObject *flags = PyTuple_Check(pair) && PyTuple_GET_SIZE(pair) == 2 ? PyTuple_GET_ITEM(pair, 1) : NULL;
    int overflow;
    return flags && PyLong_Check(flags) && (PyLong_AsLongAndOverflow(flags, &overflow) & POLLIN);
}

static int has_message(PyObject *socket, PyObject *ready) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(ready); i++) {
        PyObject *pair = PyList_GET_ITEM(ready, i);
        if (PyTuple_Check(pair) && PyTuple_GET_SIZE(pair) && PyTuple_GET_ITEM(pair, 0) == socket)
            return speaks_of_input(pair);
    }
    return 0;
}

/* It is asked now. */
static int asked_now(Call *c, PyObject *log, int64_t since) {
    if (Py_TYPE(log) == (PyTypeObject *)c->multipart) {
        ((Tally *)log)->asked = since;
        return 0;
    }
    PyObject *when = PyLong_FromLongLong(since);        /* one that tells another process */
    int failed = !when || PyObject_SetAttr(log, s_asked, when);
    Py_XDECREF(when);
    return failed;
}

/* It was asked at `since`, and the poller has come back, with an answer or (NULL) with an error. */
static int polled(Call *c, PyObject *socket, int64_t since, int64_t t, PyObject *ready) {
    PyObject *log = log_of(socket);
    int in_vain = ready && !has_message(socket, ready);
    if (ready && log && Py_TYPE(log) == (PyTypeObject *)c->multipart && t - since <= WORTH_NOTING) {
        ((Tally *)log)->over = t;
        if (in_vain)
            ((Tally *)log)->vain = t;
        return 0;
    }
    PyObject *over = PyObject_GetAttr(socket, s_over);
    PyObject *done = over ? PyObject_CallFunction(over, "LO", (long long)since, in_vain ? Py_True : Py_False) : NULL;
    Py_XDECREF(over);
    Py_XDECREF(done);
    return !done;
}

/* A poller's `poll`: pyzmq's own, before and after which the recorded sockets write down that they are asked. */
static PyObject *poll(PyObject *me, PyObject *const *args, size_t nargsf, PyObject *names) {
    Call *c = (Call *)me;
    PyObject *few[16], **asked = few, *sockets = NULL, *ready = NULL, *kind, *value, *trace;
    Py_ssize_t n = 0, all = 0;
    int64_t since = 0, t;
    int failed = 0;
    if (PyVectorcall_NARGS(nargsf) > 0 && (sockets = PyObject_GetAttr(args[0], s_sockets)) && PyList_Check(sockets))
        all = PyList_GET_SIZE(sockets);
    PyErr_Clear();
    if (all > 16 && !(asked = PyMem_New(PyObject *, all))) {
        Py_DECREF(sockets);
        return PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; i < all && !failed && i < PyList_GET_SIZE(sockets); i++) {
        PyObject *pair = PyList_GET_ITEM(sockets, i), *socket = speaks_of_input(pair) ? PyTuple_GET_ITEM(pair, 0) : NULL;
        PyObject *log = socket && PyObject_TypeCheck(socket, (PyTypeObject *)c->over) ? log_of(socket) : NULL;
        if (log) {
            since = since ? since : now();
            Py_INCREF(socket);
            asked[n++] = socket;
            failed = asked_now(c, log, since);
        }
    }
    Py_XDECREF(sockets);
    if (!failed)
        ready = PyObject_Vectorcall(c->slow, args, nargsf, names);
    PyErr_Fetch(&kind, &value, &trace);
    t = n ? now() : 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (polled(c, asked[i], since, t, ready && PyList_Check(ready) ? ready : NULL)) {
            if (kind)       /* the first error counts */
                PyErr_Clear();
            else
                PyErr_Fetch(&kind, &value, &trace);
        }
        Py_DECREF(asked[i]);
    }
    if (asked != few)
        PyMem_Free(asked);
    if (kind) {
        Py_CLEAR(ready);
        PyErr_Restore(kind, value, trace);
    }
    return ready;
}

/* --- the module */

static PyObject *make_send(PyObject *Py_UNUSED(module), PyObject *args) {
    return make_call(args, send);
}

static PyObject *make_receive(PyObject *Py_UNUSED(module), PyObject *args) {
    return make_call(args, receive);
}

static PyObject *make_get(PyObject *Py_UNUSED(module), PyObject *args) {
    return make_call(args, get);
}

static PyObject *make_poll(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *slow, *noted, *log;
    if (!PyArg_ParseTuple(args, "OO!O!", &slow, &PyType_Type, &noted, &PyType_Type, &log))
        return NULL;
    return new_call(poll, NULL, NULL, slow, noted, log);
}

static PyObject *clock_now(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none)) {
    return PyLong_FromLongLong(now());
}

#ifndef _WIN32
static int look_up(void *library, const char *name, void *function) {
    void *found = dlsym(library, name);
    memcpy(function, &found, sizeof found);
    return found ? 0 : -1;
}
#endif

/* find(path, _closed, underlying, check_rc): libzmq as pyzmq's extension at `path` has loaded it, and pyzmq's
 * descriptors of a socket's `_closed` and `underlying`. False where libzmq's functions are not to be seen from outside. */
static PyObject *find(PyObject *Py_UNUSED(module), PyObject *args) {
    const char *path;
    PyObject *closed, *handle, *raises;
    if (!PyArg_ParseTuple(args, "sOOO", &path, &closed, &handle, &raises))
        return NULL;
    if (!Py_TYPE(closed)->tp_descr_get || !Py_TYPE(handle)->tp_descr_get) {
        PyErr_SetString(PyExc_TypeError, "_closed and underlying are descriptors");
        return NULL;
    }
#ifdef _WIN32
    (void)raises;
    Py_RETURN_FALSE;
#else
    void *library = dlopen(path, RTLD_NOW | RTLD_NOLOAD);      /* never closed: pyzmq does not go either */
    if (!library)
        Py_RETURN_FALSE;
    if (look_up(library, "zmq_msg_init", &msg_init) || look_up(library, "zmq_msg_init_size", &msg_init_size)
        || look_up(library, "zmq_msg_recv", &msg_recv) || look_up(library, "zmq_msg_close", &msg_close)
        || look_up(library, "zmq_msg_more", &msg_more) || look_up(library, "zmq_msg_data", &msg_data)
        || look_up(library, "zmq_msg_size", &msg_size) || look_up(library, "zmq_errno", &last_errno)
        || look_up(library, "zmq_getsockopt", &get_option) || look_up(library, "zmq_msg_send", &msg_send)) {
        msg_send = NULL;
        Py_RETURN_FALSE;
    }
    Py_INCREF(closed);
    Py_XSETREF(closed_of, closed);
    Py_INCREF(handle);
    Py_XSETREF(handle_of, handle);
    Py_INCREF(raises);
    Py_XSETREF(check_rc, raises);
    Py_RETURN_TRUE;
#endif
}

static PyMethodDef functions[] = {
    {"find", find, METH_VARARGS, "find(path, _closed, underlying, check_rc) -> whether libzmq's functions were found."},
    {"now", clock_now, METH_NOARGS, "perf_counter_ns, as it is read here."},
    {"Send", make_send, METH_VARARGS, "Send(tally, page, slow, over, multipart)"},
    {"Receive", make_receive, METH_VARARGS, "Receive(tally, page, slow, over, multipart)"},
    {"Get", make_get, METH_VARARGS, "Get(tally, page, slow, over, multipart)"},
    {"Poll", make_poll, METH_VARARGS, "Poll(pyzmq's poll, the class of recorded sockets, that of logs kept here)"},
    {NULL, NULL, 0, NULL}};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_fast", "Sends and receives, recorded in C (see native.py).", -1, functions, NULL, NULL,
    NULL, NULL};

PyMODINIT_FUNC PyInit__fast(void) {
    if (PyType_Ready(&TallyType) || PyType_Ready(&PageType) || PyType_Ready(&CallType))
        return NULL;
    s_copy = PyUnicode_InternFromString("copy");
    s_track = PyUnicode_InternFromString("track");
    s_flags = PyUnicode_InternFromString("flags");
    s_turn_on = PyUnicode_InternFromString("turn_on");
    s_log = PyUnicode_InternFromString("_log");
    s_asked = PyUnicode_InternFromString("asked");
    s_over = PyUnicode_InternFromString("_over");
    s_sockets = PyUnicode_InternFromString("sockets");
    PyObject *m = PyModule_Create(&module);
    if (!m || !s_copy || !s_track || !s_flags || !s_turn_on || !s_asked || !s_log || !s_over || !s_sockets)
        return NULL;
    Py_INCREF(&TallyType);
    Py_INCREF(&PageType);
    if (PyModule_AddObject(m, "Tally", (PyObject *)&TallyType) || PyModule_AddObject(m, "Page", (PyObject *)&PageType))
        return NULL;
    return m;
}
