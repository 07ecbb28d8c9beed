"""Comparisons of followers, and reports of ghost followers."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('automation', '0004_predictions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Comparison',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('job_uuid', models.UUIDField(null=True, unique=True)),
                ('left_count', models.PositiveSmallIntegerField()),
                ('right_count', models.PositiveSmallIntegerField()),
                ('created_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('login', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.instagramlogin')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.workspace')),
            ],
        ),
        migrations.CreateModel(
            name='ComparedPair',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('left_pk', models.BigIntegerField()),
                ('right_pk', models.BigIntegerField()),
                ('comparison', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pairs', to='automation.comparison')),
            ],
        ),
        migrations.CreateModel(
            name='ComparedAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('side', models.CharField(choices=[('left', 'Followed'), ('right', 'Followers looked for')], max_length=5)),
                ('position', models.PositiveSmallIntegerField()),
                ('target_pk', models.BigIntegerField()),
                ('username', models.CharField(blank=True, default='', max_length=64)),
                ('reading', models.CharField(choices=[('waiting', 'Waiting'), ('complete', 'Complete'), ('partial', 'Partial'), ('unreadable', 'Cannot be read'), ('none', 'Not read')], max_length=10)),
                ('seen', models.PositiveIntegerField(default=0)),
                ('as_of', models.DateTimeField(null=True)),
                ('note', models.CharField(blank=True, default='', max_length=300)),
                ('comparison', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='accounts', to='automation.comparison')),
            ],
        ),
        migrations.CreateModel(
            name='GhostReport',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('job_uuid', models.UUIDField(null=True, unique=True)),
                ('posts_wanted', models.PositiveSmallIntegerField()),
                ('created_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.trackedaccount')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('login', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.instagramlogin')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.workspace')),
            ],
        ),
        migrations.CreateModel(
            name='GhostPost',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('post_pk', models.BigIntegerField()),
                ('code', models.CharField(max_length=64)),
                ('taken_at', models.DateTimeField(null=True)),
                ('likes', models.PositiveBigIntegerField(null=True)),
                ('likers_seen', models.PositiveIntegerField(default=0)),
                ('comments', models.PositiveBigIntegerField(null=True)),
                ('comments_seen', models.PositiveIntegerField(default=0)),
                ('read_at', models.DateTimeField(null=True)),
                ('is_readable', models.BooleanField(default=True)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='posts', to='automation.ghostreport')),
            ],
        ),
        migrations.CreateModel(
            name='ActivePerson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('target_pk', models.BigIntegerField()),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='active', to='automation.ghostreport')),
            ],
        ),
        migrations.AddIndex(
            model_name='comparison',
            index=models.Index(fields=['workspace', '-created_at', '-id'], name='comparison_newest'),
        ),
        migrations.AddConstraint(
            model_name='comparison',
            constraint=models.CheckConstraint(condition=models.Q(('left_count__range', (1, 50)), ('right_count__range', (1, 500))), name='comparison_size'),
        ),
        migrations.AddConstraint(
            model_name='comparedpair',
            constraint=models.UniqueConstraint(fields=('comparison', 'left_pk', 'right_pk'), name='compared_pair_once'),
        ),
        migrations.AddConstraint(
            model_name='comparedaccount',
            constraint=models.UniqueConstraint(fields=('comparison', 'side', 'target_pk'), name='compared_once_a_side'),
        ),
        migrations.AddConstraint(
            model_name='comparedaccount',
            constraint=models.UniqueConstraint(fields=('comparison', 'side', 'position'), name='compared_position_once'),
        ),
        migrations.AddConstraint(
            model_name='comparedaccount',
            constraint=models.CheckConstraint(condition=models.Q(('target_pk__gt', 0)), name='compared_is_a_person'),
        ),
        migrations.AddIndex(
            model_name='ghostreport',
            index=models.Index(fields=['workspace', '-created_at', '-id'], name='ghost_report_newest'),
        ),
        migrations.AddConstraint(
            model_name='ghostreport',
            constraint=models.CheckConstraint(condition=models.Q(('posts_wanted__range', (1, 30))), name='ghost_report_posts'),
        ),
        migrations.AddConstraint(
            model_name='ghostpost',
            constraint=models.UniqueConstraint(fields=('report', 'post_pk'), name='ghost_post_once'),
        ),
        migrations.AddConstraint(
            model_name='ghostpost',
            constraint=models.UniqueConstraint(fields=('report', 'position'), name='ghost_post_position_once'),
        ),
        migrations.AddConstraint(
            model_name='activeperson',
            constraint=models.UniqueConstraint(fields=('report', 'target_pk'), name='ghost_active_once'),
        ),
    ]
