#!/usr/bin/env python3
"""Makes chat_cases.json: what Jinja makes of templates, with the settings of transformers.

    make_golden.py > chat_cases.json

Provenance: `transformers` 5.24.0 with `jinja2` 3.1.6. The templates are written for this
test; those that carry a model's name follow the form that the model was trained on, and
`smollm2` is the one in its GGUF file. Each case is [template, variables, text]; where Jinja
raises an error the text is null.
"""

import json
import sys

from transformers.utils.chat_template_utils import _compile_jinja_template

SMOLLM2 = """{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system
You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>
' }}{% endif %}{{'<|im_start|>' + message['role'] + '
' + message['content'] + '<|im_end|>' + '
'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant
' }}{% endif %}"""

LLAMA3 = """{%- set loop_messages = messages -%}
{%- for message in loop_messages %}
    {%- set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' %}
    {%- if loop.index0 == 0 %}
        {%- set content = bos_token + content %}
    {%- endif %}
    {{- content }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}"""

LLAMA31 = """{{- bos_token }}
{%- if custom_tools is defined %}{%- set tools = custom_tools %}{%- endif %}
{%- if not date_string is defined %}{%- set date_string = "26 Jul 2024" %}{%- endif %}
{%- if not tools is defined %}{%- set tools = none %}{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if tools is not none %}
    {{- "Environment: ipython\\n" }}
    {%- for t in tools %}
        {{- t | tojson(indent=4) }}
        {{- "\\n\\n" }}
    {%- endfor %}
{%- endif %}
{{- "Today Date: " + date_string + "\\n\\n" }}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
    {%- elif 'tool_calls' in message %}
        {%- if not message.tool_calls|length == 1 %}
            {{- raise_exception("This model only supports single tool-calls at once!") }}
        {%- endif %}
        {%- set tool_call = message.tool_calls[0].function %}
        {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' -}}
        {{- '{"name": "' + tool_call.name + '", ' }}
        {{- '"parameters": ' }}
        {{- tool_call.arguments | tojson }}
        {{- "}<|eot_id|>" }}
    {%- elif message.role == "tool" or message.role == "ipython" %}
        {{- "<|start_header_id|>ipython<|end_header_id|>\\n\\n" }}
        {%- if message.content is mapping or message.content is iterable %}
            {{- message.content | tojson }}
        {%- else %}
            {{- message.content }}
        {%- endif %}
        {{- "<|eot_id|>" }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{%- endif %}
"""

QWEN = """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0].role == 'system' %}
        {{- messages[0].content + '\\n\\n' }}
    {%- endif %}
    {{- "# Tools\\n\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\\n</tools><|im_end|>\\n" }}
{%- else %}
    {%- if messages[0].role == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step_tool and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.multi_step_tool = false %}
        {%- set ns.last_query_index = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.content is string %}
        {%- set content = message.content %}
    {%- else %}
        {%- set content = '' %}
    {%- endif %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {%- set reasoning_content = '' %}
        {%- if message.reasoning_content is string %}
            {%- set reasoning_content = message.reasoning_content %}
        {%- else %}
            {%- if '</think>' in content %}
                {%- set reasoning_content = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
                {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
            {%- endif %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query_index and (loop.last or (not loop.last and reasoning_content)) %}
            {{- '<|im_start|>' + message.role + '\\n<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
        {%- else %}
            {{- '<|im_start|>' + message.role + '\\n' + content }}
        {%- endif %}
        {%- if message.tool_calls %}
            {%- for tool_call in message.tool_calls %}
                {%- if (loop.first and content) or (not loop.first) %}
                    {{- '\\n' }}
                {%- endif %}
                {%- if tool_call.function %}
                    {%- set tool_call = tool_call.function %}
                {%- endif %}
                {{- '<tool_call>\\n{"name": "' }}
                {{- tool_call.name }}
                {{- '", "arguments": ' }}
                {%- if tool_call.arguments is string %}
                    {{- tool_call.arguments }}
                {%- else %}
                    {{- tool_call.arguments | tojson }}
                {%- endif %}
                {{- '}\\n</tool_call>' }}
            {%- endfor %}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == "tool" %}
        {%- if loop.first or (messages[loop.index0 - 1].role != "tool") %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\\n<tool_response>\\n' + content + '\\n</tool_response>' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}
            {{- '<|im_end|>\\n' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}"""

MISTRAL = """{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token}}{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}"""

GEMMA = """{{ bos_token }}
{%- if messages[0]['role'] == 'system' -%}
    {%- if messages[0]['content'] is string -%}
        {%- set first_user_prefix = messages[0]['content'] + '\\n\\n' -%}
    {%- else -%}
        {%- set first_user_prefix = messages[0]['content'][0]['text'] + '\\n\\n' -%}
    {%- endif -%}
    {%- set loop_messages = messages[1:] -%}
{%- else -%}
    {%- set first_user_prefix = "" -%}
    {%- set loop_messages = messages -%}
{%- endif -%}
{%- for message in loop_messages -%}
    {%- if (message['role'] == 'assistant') -%}
        {%- set role = "model" -%}
    {%- else -%}
        {%- set role = message['role'] -%}
    {%- endif -%}
    {{ '<start_of_turn>' + role + '\\n' + (first_user_prefix if loop.first else "") }}
    {%- if message['content'] is string -%}
        {{ message['content'] | trim }}
    {%- elif message['content'] is iterable -%}
        {%- for item in message['content'] -%}
            {%- if item['type'] == 'image' -%}
                {{ '<start_of_image>' }}
            {%- elif item['type'] == 'text' -%}
                {{ item['text'] | trim }}
            {%- endif -%}
        {%- endfor -%}
    {%- else -%}
        {{ raise_exception("Invalid content type") }}
    {%- endif -%}
    {{ '<end_of_turn>\\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{'<start_of_turn>model\\n'}}
{%- endif -%}
"""

ZEPHYR = """{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>\\n'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}
"""

MACROS = """{%- macro render_extra_keys(json_dict, handled_keys) -%}
    {%- if json_dict is mapping %}
        {%- for json_key in json_dict if json_key not in handled_keys %}
            {%- if json_dict[json_key] is mapping or (json_dict[json_key] is sequence and json_dict[json_key] is not string) %}
                {{- '\\n<' ~ json_key ~ '>' ~ (json_dict[json_key] | tojson | safe) ~ '</' ~ json_key ~ '>' }}
            {%- else %}
                {{-'\\n<' ~ json_key ~ '>' ~ (json_dict[json_key] | string) ~ '</' ~ json_key ~ '>' }}
            {%- endif %}
        {%- endfor %}
    {%- endif %}
{%- endmacro -%}
{%- macro turn(role, text='', end=true) %}<{{ role }}>{{ text }}{% if end %}</{{ role }}>{% endif %}{% endmacro %}
{%- for message in messages -%}
{{ turn(message.role, message.content) }}{{ turn('x') }}{{ turn(role='y', end=false) }}{{ render_extra_keys(message, ['role', 'content']) }}
{% endfor -%}
{%- macro box(title) %}[{{ title }}: {{ caller() }}]{% endmacro %}
{% call box('t') %}inside {{ messages | length }}{% endcall %}"""

USER = {"role": "user", "content": "Hello, how are you?"}
ASSISTANT = {"role": "assistant", "content": " I'm fine. \u00c9t\u00e9 \U0001f600 "}
SYSTEM = {"role": "system", "content": "You are a pirate.\n"}
CALL = {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": {"name": "get", "arguments": {"a": 1, "b": [True, None, 2.5, "x\"\n\u00e9"]}}}]}
RESULT = {"role": "tool", "content": "{\"ok\": 1}"}
TOOLS = [{"type": "function", "function": {"name": "get", "description": "it's <b>", "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}, "required": []}}}]
PARTS = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": " what? "}]}
THOUGHT = {"role": "assistant", "content": "<think>\nhm\n</think>\n\nyes"}


def chats():
    for messages in ([USER], [SYSTEM, USER], [USER, ASSISTANT, USER], [SYSTEM, USER, ASSISTANT, USER, THOUGHT], [USER, CALL, RESULT, RESULT], [PARTS], [USER, USER], [USER, THOUGHT]):
        for more in ({"add_generation_prompt": True, "tools": None}, {"add_generation_prompt": False, "tools": TOOLS, "enable_thinking": False}):
            yield dict(messages=messages, bos_token="<s>", eos_token="</s>", documents=None, **more)


VARIABLES = {"s": "Hello World", "t": "  a,b,,c  ", "n": 7, "m": -3, "f": 2.5, "l": [3, 1, 2], "e": [], "d": {"b": 1, "a": [1, 2], "items": "mine"},
             "p": [{"k": "x", "v": 2, "g": True}, {"k": "Y", "v": 1, "g": False}, {"k": "z"}], "u": "\u00c9t\u00e9 \u4e2d\U0001f600", "z": None, "yes": True, "no": False,
             "deep": {"a": {"b": {"c": 5}}}, "words": ["b", "A", "c", "a"], "text": "line one\n  line two\n\nlast"}

SNIPPETS = """{{ s }}|{{ n }}|{{ f }}|{{ z }}|{{ yes }}|{{ no }}|{{ l }}|{{ d }}|{{ missing }}|{{ e }}
{{ 1.0 }} {{ 1e20 }} {{ 1e-7 }} {{ 0.1 + 0.2 }} {{ 10 / 4 }} {{ 10 // 4 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 2 ** 10 }} {{ 2 ** -1 }} {{ 1_000 }}
{{ 3 * 'ab' }} {{ 'ab' * 0 }} {{ [1] * 3 }} {{ [1] + [2] }} {{ 1 ~ 'a' ~ none }} {{ 'a' 'b' }} {{ -n }} {{ +n }} {{ - -3 }} {{ not n }} {{ 2 + 3 * 4 ** 2 }}
{{ 1 < 2 < 3 }} {{ 1 < 2 > 3 }} {{ 'a' < 'b' }} {{ 1 == 1.0 }} {{ '1' == 1 }} {{ true == 1 }} {{ none == false }} {{ [1,2] == [1,2] }} {{ 3 in l }} {{ 9 not in l }} {{ 'ell' in s }} {{ 'b' in d }}
{{ 1 and 0 }} {{ 0 or 'x' }} {{ not (1 and 0) }} {{ 'a' if n > 5 else 'b' }} {{ 'a' if n > 50 }}| {{ 'a' if no else 'b' if no else 'c' }} {{ not not n }} {{ missing or 'd' }}
{{ s[0] }} {{ s[-1] }} {{ s[1:4] }} {{ s[::-1] }} {{ s[:-6] }} {{ s[::2] }} {{ l[1:] }} {{ l[-2:] }} {{ l[5:] }} {{ l[::-1] }} {{ u[0] }} {{ u[-1] }} {{ u[2:5] }} {{ l[-1] }} {{ l[9] }}|
{{ d.b }} {{ d['b'] }} {{ d.a[1] }} {{ d.missing }}| {{ d['missing'] }}| {{ d['items'] }} {{ deep.a.b.c }} {{ deep['a'].b['c'] }} {{ l.0 }} {{ d.items() | list }} {{ d.keys() | list }} {{ d.values() | list }}
{{ d.get('b') }} {{ d.get('q') }} {{ d.get('q', 5) }} {% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}{% for k in d %}{{ k }},{% endfor %}{% for k, v in d | items %}{{ k }}{% endfor %}
{{ s.upper() }} {{ s.lower() }} {{ s.split() }} {{ t.split(',') }} {{ t.strip() }}| {{ t.lstrip() }}| {{ t.rstrip() }}| {{ s.strip('Hd') }} {{ s.startswith('He') }} {{ s.endswith(('x', 'ld')) }} {{ s.replace('l', 'L') }} {{ s.replace('l', 'L', 1) }}
{{ 'a b c d'.split(' ', 1) }} {{ 'a b c d'.rsplit(' ', 1) }} {{ ' a  b '.split() }} {{ ' a  b  c '.split(none, 1) }} {{ 'a\\nb\\r\\nc'.splitlines() }} {{ ', '.join(['x', 'y']) }} {{ s.find('o') }} {{ s.find('q') }} {{ s.rfind('o') }} {{ s.count('l') }} {{ u.find('\\u4e2d') }}
{{ "they're bill's friends".title() }} {{ 'hELLO wORLD'.capitalize() }} {{ '12'.isdigit() }} {{ '1a'.isdigit() }} {{ 'ab'.isalpha() }} {{ 'a1'.isalnum() }} {{ ''.isdigit() }} {{ 'abc'.removeprefix('a') }} {{ 'abc'.removesuffix('c') }}
{{ s | length }} {{ u | length }} {{ d | length }} {{ l | count }} {{ s | upper }} {{ s | lower }} {{ 'hello big-world it\\'s' | title }} {{ 'hELLO' | capitalize }} {{ t | trim }}| {{ 'xxaxx' | trim('x') }} {{ missing | length }}
{{ l | first }} {{ l | last }} {{ l | sort }} {{ l | sort(reverse=true) }} {{ words | sort }} {{ words | sort(case_sensitive=true) }} {{ l | reverse | list }} {{ s | reverse }} {{ l | min }} {{ l | max }} {{ l | sum }} {{ e | first }}| {{ [1,2,1] | unique | list }}
{{ p | map(attribute='k') | list }} {{ p | map(attribute='v', default=0) | list }} {{ words | map('upper') | list }} {{ words | map('replace', 'a', 'Q') | join }} {{ p | selectattr('g') | list | length }} {{ p | rejectattr('g') | map(attribute='k') | join(',') }}
{{ p | selectattr('v', 'defined') | map(attribute='v') | list }} {{ p | selectattr('k', 'equalto', 'x') | list }} {{ l | select('odd') | list }} {{ l | reject('odd') | list }} {{ l | select('>', 1) | list }} {{ p | sort(attribute='k') | map(attribute='k') | list }} {{ [0, 1, ''] | select | list }}
{{ missing | default('x') }} {{ z | default('x') }} {{ z | default('x', true) }} {{ '' | default('x', boolean=true) }} {{ s | d('q') }} {{ l | join('-') }} {{ p | join(',', attribute='k') }} {{ [1, none, 'a'] | join('|') }}
{{ d | tojson }} {{ d | tojson(indent=2) }} {{ 'a"b\\\\c/\\u00e9<>&' | tojson }} {{ none | tojson }} {{ 1.5 | tojson }} {{ [] | tojson(indent=2) }} {{ {} | tojson }} {{ [[], {}] | tojson(indent=4) }} {{ true | tojson }} {{ d | tojson(sort_keys=true) }}
{{ '42' | int }} {{ '4.7' | int }} {{ 'x' | int }} {{ 'x' | int(5) }} {{ '1.5' | float }} {{ 3.7 | int }} {{ 'x' | float }} {{ 42 | string }} {{ m | abs }} {{ 2.567 | round(2) }} {{ 2.5 | round }} {{ 3.5 | round }} {{ 2.1 | round(method='ceil') }} {{ 'a b c' | wordcount }}
{{ text | indent }}|{{ text | indent(2, true) }}|{{ text | indent(2, first=true, blank=true) }}
{{ d | dictsort }} {{ {'b': 1, 'A': 2, 'c': 0} | dictsort }} {{ {'b': 1, 'A': 2} | dictsort(true) }} {{ {'b': 1, 'A': 2} | dictsort(false, 'value') }} {{ 'abc' | list }} {{ [1, 2.5] | sum }}
{{ n is defined }} {{ missing is defined }} {{ missing is not defined }} {{ z is none }} {{ s is string }} {{ n is number }} {{ f is float }} {{ n is integer }} {{ yes is boolean }} {{ d is mapping }} {{ l is iterable }} {{ s is sequence }} {{ n is odd }} {{ n is even }} {{ n is divisibleby 7 }} {{ n is divisibleby(2) }}
{{ yes is true }} {{ no is false }} {{ 1 is true }} {{ n is eq 7 }} {{ n is ne 7 }} {{ n is gt 6 }} {{ 3 is in l }} {{ 3 is in [1] }} {{ 'a' is lower }} {{ 'A' is upper }} {{ range is callable }} {{ not n is defined }} {{ n is defined and n > 3 }} {{ missing is undefined or 1 }}
{% for i in range(3) %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }} {% endfor %}{% for i in [] %}x{% else %}empty{% endfor %}
{% for i in l %}{{ loop.previtem }}<{{ i }}>{{ loop.nextitem }}{{ loop.cycle('a', 'b') }}{% for j in l %}{{ loop.depth }}{% endfor %}{% endfor %}
{% for i in range(10) if i is odd %}{{ i }}{{ loop.length }} {% endfor %}{% for i in range(10) %}{% if i == 2 %}{% continue %}{% endif %}{% if i > 4 %}{% break %}{% endif %}{{ i }}{% endfor %}{{ range(2, 8, 3) | list }}{{ range(5, 0, -2) | list }}
{% set x = 1 %}{% for i in l %}{% set x = i %}{{ x }}{% endfor %}{{ x }}{% if true %}{% set x = 9 %}{% endif %}{{ x }}{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set c %}block {{ x }}{% endset %}{{ c }}{% set c | upper | trim %} block {% endset %}{{ c }}
{% set ns = namespace(a=1, found=false) %}{% for i in l %}{% if i == 1 %}{% set ns.found = true %}{% set ns.a = ns.a + i %}{% endif %}{% endfor %}{{ ns.found }}{{ ns.a }}{% set ns.new = 'n' %}{{ ns.new }}
{% filter upper %}abc {{ s }}{% endfilter %}{% raw %}{{ not }} {% this %}{% endraw %}{# comment #}{% generation %}gen{% endgeneration %}{{ '{{' }}{{ '%}' }}
{% macro f(a, b=2) %}{{ a }}-{{ b }}{% endmacro %}{{ f(1) }} {{ f(1, 3) }} {{ f(b=1, a=2) }} {{ f() }}{% macro r(k) %}{% if k > 0 %}{{ k }}{{ r(k - 1) }}{% endif %}{% endmacro %}{{ r(3) }}
{% for a, b in [[1, 2], [3, 4]] %}{{ a }}{{ b }}{% endfor %}{% for a in 'xyz' %}{{ a }}.{% endfor %}{{ dict(a=1, b='c') }} {{ {'a': 1, 'b': {'c': [1]}} }} {{ (1, 2)[0] }} {{ (1 + 2) * 3 }} {{ ('a',) | list }}
{{ ['it\\'s', "q\\"d", 'a\\nb\\\\'] }} {{ 'tab\\tx41\\x41\\u00e9' }} {{ "\\q" }} {{ [1.0, none, true] }}
{%- if n == 7 -%}  seven  {%- elif n == 8 -%} eight {%- else -%} other {%- endif -%}  end
{% if n > 100 %}a{% elif n > 5 %}b{% else %}c{% endif %}{% if z %}x{% endif %}{% if e %}x{% else %}empty{% endif %}{% if missing %}x{% else %}undefined{% endif %}{% if 'a' %}{% if 0.0 %}x{% else %}y{% endif %}{% endif %}
{{ s | replace('World', 'There') | upper | length }} {{ (s | length) + 1 }} {{ s | length + 1 }} {{ -1 | abs }} {{ 'a' + 'b' | upper }} {{ 'x' ~ (1 + 2) }} {{ 2 * 3 % 4 }} {{ 2 ** 3 ** 2 }} {{ n if n else 0 | string }}
{{ l | map('string') | join(',') }} {{ p[0].k }} {{ p[0]['v'] + p[1].v }} {{ (p | first).k }} {{ p | map(attribute='k') | map('lower') | join(' ') }} {{ 'a,b'.split(',')[1] }} {{ s.split(' ')[0].upper()[1:3] }}
{{ raise_exception('no') }}
{{ 1 + 'a' }}
{{ missing.x }}
{{ missing + 1 }}
{{ s.nothing() }}
{{ l | nothing }}
{{ l is nothing }}
{{ z + 'a' }}
{{ 1 / 0 }}
{% for i in 5 %}{% endfor %}
{% if %}{% endif %}
{% for x in l %}
{{ s
{{ 'open }}
{% unknown %}
{{ l.append(1) }}
{% set d.x = 1 %}
{{ f(1 }}
{{ ) }}
{{ 1 < 'a' }}
{{ [1, 'a'] | sort }}
{% macro f(a) %}{% endmacro %}{{ f(1, 2) }}
{% macro f(a) %}{% endmacro %}{{ f(b=2) }}
{% endif %}
{% break %}
{{ nofunction() }}"""

BLOCKS = ["a\n{% if true %}\n  b\n{% endif %}\nc\n", "  {% if true %}x{% endif %}  \n y", "a {%- if true -%} b {%- endif -%} c", "a\n  {#- note -#}  \nb", "a\n  {# note #}\nb\n\n",
          "{% for i in [1,2] %}\n  - {{ i }}\n{% endfor %}\nend", "{% for i in [1,2] -%}\n  - {{ i }}\n{%- endfor %}\nend", "  {%+ if true %}x{% endif +%}\ny", "{{ 1 }}\n{{ 2 }}\n", "\n\n{{- 1 -}}\n\n",
          "a\r\nb\r{{ '\n' }}c", "x{% raw -%}  {{ a }}  {%- endraw %}\ny", "{% if true %}\n\n{% endif %}\n\n", "   \n  {% set x = 1 %}  \n{{ x }}", "{%if true%}a{%endif%}", "{{1}}{{-2-}} {{ 3 -}} \n 4", "\t{% if 1 %}\n\t\ttab\n\t{% endif %}",
          "{% if 1 %}\n  {% if 1 %}\n  x\n  {% endif %}\n{% endif %}", "{#\n multi\n#}\nz", "text only", "", "\n", "{{ {'a': {'b': 1}}['a']['b'] }}"]


def case(template, variables):
    try:
        return [template, variables, _compile_jinja_template(template).render(**variables)]
    except Exception as error:  # whatever Jinja or Python raise
        print(f"{type(error).__name__}: {error} <- {template[:60]!r}", file=sys.stderr)
        return [template, variables, None]


def main():
    cases = [case(t, v) for t in (SMOLLM2, LLAMA3, LLAMA31, QWEN, MISTRAL, GEMMA, ZEPHYR, MACROS) for v in chats()]
    cases += [case(t, VARIABLES) for t in SNIPPETS.split("\n")] + [case(t, {}) for t in BLOCKS]
    # Variables are repeated: they are kept once.
    kept, rows = [], []
    for template, variables, text in cases:
        if variables not in kept:
            kept.append(variables)
        rows.append([template, kept.index(variables), text])
    templates = list(dict.fromkeys(row[0] for row in rows))
    rows = [[templates.index(t), v, x] for t, v, x in rows]
    lines = lambda items: "[\n" + ",\n".join(json.dumps(i) for i in items) + "\n]"
    print(f'{{"templates": {lines(templates)},\n"variables": {lines(kept)},\n"cases": {lines(rows)}}}')


if __name__ == "__main__":
    main()
