"""Batches of actions, every attempt at one, safelists and the pace of actions."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0010_account_tags'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('follow', 'Follow'), ('unfollow', 'Unfollow'), ('remove', 'Remove follower')], max_length=10)),
                ('state', models.CharField(choices=[('staged', 'Waits for your confirmation'), ('confirmed', 'Confirmed'), ('running', 'Running'), ('paused', 'Paused'), ('frozen', 'Frozen: Instagram blocked actions'), ('done', 'Done'), ('cancelled', 'Cancelled')], default='staged', max_length=10)),
                ('note', models.CharField(blank=True, default='', max_length=500)),
                ('job_uuid', models.UUIDField(null=True, unique=True)),
                ('created_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('login', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='action_batches', to='accounts.instagramlogin')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='action_batches', to='accounts.workspace')),
            ],
        ),
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('target_pk', models.BigIntegerField()),
                ('reason', models.CharField(blank=True, default='', max_length=200)),
                ('risk', models.CharField(blank=True, default='', max_length=200)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('excluded', 'Left out'), ('answered', 'Sent, not yet read'), ('done', 'Done'), ('requested', 'Requested'), ('already', 'Was so already'), ('failed', 'Refused'), ('unknown', 'Unknown: look at it yourself'), ('cancelled', 'Cancelled')], default='waiting', max_length=10)),
                ('exclusion', models.CharField(blank=True, choices=[('safelist', 'On a safelist'), ('follows_you', 'Already follows you'), ('private', 'Private account'), ('recently', 'Followed not long ago'), ('elsewhere', 'In another batch that is not over'), ('cap', 'More than a batch may hold'), ('outside_budget', "More than a week's budget"), ('not_accessible', 'Not known here, or not to be reached'), ('yourself', 'The login itself')], default='', max_length=20)),
                ('note', models.CharField(blank=True, default='', max_length=300)),
                ('settled_at', models.DateTimeField(null=True)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='automation.batch')),
            ],
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('follow', 'Follow'), ('unfollow', 'Unfollow'), ('remove', 'Remove follower')], max_length=10)),
                ('state', models.CharField(choices=[('intent', 'About to be sent'), ('sent', 'On its way'), ('done', 'Accepted'), ('failed', 'Refused'), ('unknown', 'Answer lost'), ('void', 'Never sent')], default='intent', max_length=10)),
                ('token', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('reserved_at', models.DateTimeField()),
                ('lease_until', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('answer', models.CharField(blank=True, default='', max_length=30)),
                ('reading', models.JSONField(null=True)),
                ('read_at', models.DateTimeField(null=True)),
                ('login', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='action_attempts', to='accounts.instagramlogin')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.workspace')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='attempts', to='automation.item')),
            ],
        ),
        migrations.CreateModel(
            name='SafelistEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('safelist', models.CharField(choices=[('do_not_follow', 'Do not follow'), ('never_unfollow', 'Never unfollow')], max_length=20)),
                ('target_pk', models.BigIntegerField()),
                ('note', models.CharField(blank=True, default='', max_length=200)),
                ('added_at', models.DateTimeField()),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='safelist_entries', to='accounts.workspace')),
            ],
        ),
        migrations.CreateModel(
            name='WritePace',
            fields=[
                ('login', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='write_pace', serialize=False, to='accounts.instagramlogin')),
                ('per_hour', models.PositiveSmallIntegerField(default=10)),
                ('per_day', models.PositiveSmallIntegerField(default=60)),
                ('gap_min', models.PositiveSmallIntegerField(default=30)),
                ('gap_max', models.PositiveSmallIntegerField(default=90)),
                ('next_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('per_hour__range', (1, 20)), ('per_day__range', (1, 150))), name='write_pace_ceiling'), models.CheckConstraint(condition=models.Q(('gap_min__gte', 30), ('gap_max__gte', models.F('gap_min')), ('gap_max__lte', 3600)), name='write_pace_gap')],
            },
        ),
        migrations.AddIndex(
            model_name='batch',
            index=models.Index(fields=['workspace', '-created_at', '-id'], name='batch_newest'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['follow', 'unfollow', 'remove'])), name='batch_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['staged', 'confirmed', 'running', 'paused', 'frozen', 'done', 'cancelled'])), name='batch_state_known'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', False), ('job_uuid__isnull', False)), ('state__in', ['staged', 'cancelled']), _connector='OR'), name='batch_works_once_confirmed'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('state__in', ['done', 'cancelled'])), models.Q(models.Q(('state__in', ['done', 'cancelled']), _negated=True), ('ended_at', None)), _connector='OR'), name='batch_ended_has_a_time'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(fields=['batch', 'state', 'position'], name='item_next'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(fields=['target_pk'], name='item_by_target'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.UniqueConstraint(fields=('batch', 'target_pk'), name='item_target_once'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.UniqueConstraint(fields=('batch', 'position'), name='item_position_once'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.CheckConstraint(condition=models.Q(('target_pk__gt', 0)), name='item_target_is_a_person'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'excluded', 'answered', 'done', 'requested', 'already', 'failed', 'unknown', 'cancelled'])), name='item_state_known'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('exclusion__in', ['safelist', 'follows_you', 'private', 'recently', 'elsewhere', 'cap', 'outside_budget', 'not_accessible', 'yourself']), ('state', 'excluded')), models.Q(models.Q(('state', 'excluded'), _negated=True), ('exclusion', '')), _connector='OR'), name='item_excluded_has_a_reason'),
        ),
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(fields=['login', '-reserved_at'], name='attempt_by_login'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['intent', 'sent'])), fields=('item',), name='attempt_open_once'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.UniqueConstraint(condition=models.Q(('sent_at__isnull', False)), fields=('item',), name='attempt_sent_once'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['intent', 'sent'])), fields=('login',), name='attempt_one_write_a_login'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['follow', 'unfollow', 'remove'])), name='attempt_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sent_at', None), ('state__in', ['intent', 'void'])), models.Q(('sent_at__isnull', False), ('state__in', ['sent', 'done', 'failed', 'unknown'])), _connector='OR'), name='attempt_sent_has_a_time'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state__in', ['intent', 'sent'])), models.Q(('ended_at__isnull', False), ('state__in', ['done', 'failed', 'unknown', 'void'])), _connector='OR'), name='attempt_ended_has_a_time'),
        ),
        migrations.AddConstraint(
            model_name='safelistentry',
            constraint=models.UniqueConstraint(fields=('workspace', 'safelist', 'target_pk'), name='safelist_person_once'),
        ),
        migrations.AddConstraint(
            model_name='safelistentry',
            constraint=models.CheckConstraint(condition=models.Q(('safelist__in', ['do_not_follow', 'never_unfollow'])), name='safelist_known'),
        ),
        migrations.AddConstraint(
            model_name='safelistentry',
            constraint=models.CheckConstraint(condition=models.Q(('target_pk__gt', 0)), name='safelist_target_is_a_person'),
        ),
    ]
